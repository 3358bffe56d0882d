# SPDX-License-Identifier: MIT
"""Golden cases of the losses."""

import math

import torch
from torch.nn import functional

from golden import awkward, case

SHAPES = {"0-d": ((), "mean"), "size 1": ((1, 1), "mean"), "size 1, sum": ((1, 1), "sum"),
          "mean": ((3, 5), "mean"), "sum": ((3, 5), "sum"), "none": ((2, 3, 5), "none"),
          "empty": ((0, 3), "none"), "sum of nothing": ((3, 0), "sum"),
          "mean of nothing": ((0,), "mean")}
LOSSES = {"mse_loss": (functional.mse_loss, -2, 2, -2, 2),
          "binary_cross_entropy": (functional.binary_cross_entropy, 0.03, 0.97, 0.02, 0.98),
          "bce_with_logits": (functional.binary_cross_entropy_with_logits, -3, 3, 0.02, 0.98)}

for op, (f, low, high, least, most) in LOSSES.items():
    def pair(x, t, low=low, high=high, least=least, most=most):
        return [awkward(*x, low=low, high=high), awkward(*t, low=least, high=most)]

    for name, (shape, reduction) in SHAPES.items():
        case(op, name, pair(shape, shape), lambda x, f=f, r=reduction: f(x[0], x[1], reduction=r))
    case(op, "transposed", pair((5, 3), (3, 5)), lambda x, f=f: f(x[0].T, x[1], reduction="none"))
    case(op, "sliced backwards", pair((3, 7), (3, 4)), lambda x, f=f: f(x[0].flip(1)[:, ::2], x[1]))
    case(op, "expanded", pair((4,), (3, 4)), lambda x, f=f: f(x[0].expand(3, 4), x[1]))

case("mse_loss", "infinity and NaN", [[math.inf, math.nan, 1.5, math.inf], [0.5, 0.25, -math.inf, math.inf]],
     lambda x: functional.mse_loss(x[0], x[1], reduction="none"))
# By the target torch gives infinities where a logarithm is cut, we the derivative of what is computed.
case("binary_cross_entropy", "certain", [[0.0, 1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 1.0, 0.0, 0.375]],
     lambda x: functional.binary_cross_entropy(x[0], x[1], reduction="none"), differentiable=[0])
case("binary_cross_entropy", "clamped", [[1e-50, 1e-40, 1e-14, 1 - 1e-15], [1.0, 0.25, 0.75, 0.25]],
     lambda x: functional.binary_cross_entropy(x[0], x[1], reduction="none"), differentiable=[0])
LOGITS = functional.binary_cross_entropy_with_logits
case("bce_with_logits", "tails", [[1000.5, -1000.5, 50.25, -50.25, 20.5, -20.5], [0.25, 0.75, 1, 0, 0.375, 0.625]],
     lambda x: LOGITS(x[0], x[1], reduction="none"))
case("bce_with_logits", "at zero", [[0.0, 0.0, 0.0], [0.0, 1.0, 0.25]],
     lambda x: LOGITS(x[0], x[1], reduction="none"))
case("bce_with_logits", "NaN", [[math.nan, 0.5], [0.25, math.nan]], lambda x: LOGITS(x[0], x[1], reduction="none"))


def entropy(name, z, target, reduction="none", dtype=torch.int64, seen=lambda z: z):
    case("cross_entropy", name, [z, torch.tensor(target, dtype=dtype)],
         lambda x: functional.cross_entropy(seen(x[0]), x[1].long(), reduction=reduction))


entropy("0-d", awkward(3), 2, "mean")
entropy("size 1", awkward(1, 1), [0], "mean")
entropy("size 1, sum", awkward(1, 4), [3], "sum")
entropy("mean", awkward(3, 5), [4, 0, 2], "mean")
entropy("sum", awkward(3, 5), [1, 1, 3], "sum")
entropy("none", awkward(5, 3), [0, 1, 2, 0, 2])
entropy("empty", awkward(0, 3), [])
entropy("sum of nothing", awkward(0, 3), [], "sum")
entropy("mean of nothing", awkward(0, 3), [], "mean")
entropy("transposed", awkward(5, 3), [0, 4, 2], seen=lambda z: z.T)
entropy("sliced backwards", awkward(3, 7), [0, 3, 2], "mean", seen=lambda z: z.flip(1)[:, ::2])
entropy("expanded", awkward(4), [0, 3, 0], "mean", seen=lambda z: z.expand(3, 4))
entropy("i32 classes", awkward(3, 5), [4, 0, 2], dtype=torch.int32)
entropy("u8 classes", awkward(3, 5), [4, 0, 2], dtype=torch.uint8)
entropy("one row without batch", awkward(5), 1, "mean")
entropy("axes behind the classes", awkward(2, 3, 5), [[0, 2, 1, 1, 0], [2, 2, 0, 1, 2]], "mean")
entropy("axes behind the classes, none", awkward(2, 3, 2, 2), [[[0, 2], [1, 1]], [[2, 2], [0, 1]]])
entropy("large numbers", [[1000.25, 999.5, -1000.75], [-5000.5, -5001.25, -5000.75]], [2, 1])
entropy("infinity and NaN", [[1.5, math.inf, 0.5], [-math.inf, 0.25, 1.75], [-math.inf, 0.5, 0.75],
                             [0.25, math.nan, 0.5]], [0, 0, 1, 2])
case("cross_entropy", "softmax", [awkward(3, 5), [4, 0, 2]], lambda x: torch.softmax(x[0], 1))

ROWS = awkward(3, 5, low=0.02, high=0.4)
case("cross_entropy", "probabilities", [awkward(3, 5), ROWS],
     lambda x: functional.cross_entropy(x[0], x[1]))
case("cross_entropy", "probabilities, sum", [awkward(3, 5), ROWS],
     lambda x: functional.cross_entropy(x[0], x[1], reduction="sum"))
case("cross_entropy", "probabilities, axes behind the classes",
     [awkward(2, 3, 5), awkward(2, 3, 5, low=0.02, high=0.6)],
     lambda x: functional.cross_entropy(x[0], x[1], reduction="none"))
case("cross_entropy", "probabilities without batch", [awkward(5), awkward(5, low=0.02, high=0.4)],
     lambda x: functional.cross_entropy(x[0], x[1]))
