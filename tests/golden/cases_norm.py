# SPDX-License-Identifier: MIT
"""Golden cases of layer_norm and batch_norm."""

import math

import torch
from torch.nn.functional import batch_norm, layer_norm

from golden import awkward, case

ROWS = {"size 1": ((1, 1), (1,)), "odd primes": ((3, 5), (5,)),
        "two axes by the rank of w": ((2, 3, 5), (3, 5)), "all axes": ((3, 5), (3, 5)),
        "vector": ((5,), (5,)), "no rows": ((0, 5), (5,))}
for name, (x, w) in ROWS.items():
    case("layer_norm", name, [awkward(*x), awkward(*w), awkward(*w)],
         lambda x: layer_norm(x[0], x[1].shape, x[1], x[2]))
case("layer_norm", "bare", [awkward(3, 5)], lambda x: layer_norm(x[0], (5,)))
case("layer_norm", "scaled", [awkward(3, 5), awkward(5)], lambda x: layer_norm(x[0], (5,), x[1]))
case("layer_norm", "two axes", [awkward(2, 3, 5)], lambda x: layer_norm(x[0], (3, 5)))
case("layer_norm", "eps", [awkward(3, 5), awkward(5), awkward(5)],
     lambda x: layer_norm(x[0], (5,), x[1], x[2], 0.5))
case("layer_norm", "equal numbers", [torch.full((2, 3), 1.75), awkward(3), awkward(3)],
     lambda x: layer_norm(x[0], (3,), x[1], x[2], 0.5))
case("layer_norm", "far from zero", [awkward(3, 5, low=100, high=120), awkward(5), awkward(5)],
     lambda x: layer_norm(x[0], (5,), x[1], x[2]))
case("layer_norm", "mean", [awkward(3, 5), awkward(5)], lambda x: x[0].mean(1, keepdim=True))
case("layer_norm", "one over deviation", [awkward(3, 5), awkward(5)],
     lambda x: 1 / torch.sqrt(x[0].var(1, correction=0, keepdim=True) + 1e-5))
case("layer_norm", "transposed", [awkward(5, 3), awkward(5), awkward(5)],
     lambda x: layer_norm(x[0].T, (5,), x[1], x[2]))
case("layer_norm", "sliced backwards", [awkward(3, 7), awkward(4), awkward(4)],
     lambda x: layer_norm(x[0].flip(1)[:, ::2], (4,), x[1], x[2]))
case("layer_norm", "expanded", [awkward(4), awkward(4), awkward(4)],
     lambda x: layer_norm(x[0].expand(3, 4), (4,), x[1], x[2]))
case("layer_norm", "infinity and NaN",
     [[[1.5, math.inf, 0.5], [0.25, math.nan, 0.75], [0.25, 1.5, -0.75]], awkward(3), awkward(3)],
     lambda x: layer_norm(x[0], (3,), x[1], x[2]))


def trained(x, eps=1e-5):
    """As written in the paper; without an x for the statistics."""
    axes = [k for k in range(x[0].dim()) if k != 1]
    like = [-1 if k == 1 else 1 for k in range(x[0].dim())]
    mean, var = x[0].mean(axes, keepdim=True), x[0].var(axes, correction=0, keepdim=True)
    z = (x[0] - mean) / torch.sqrt(var + eps)
    if len(x) > 1:
        z = z * x[1].reshape(like)
    return z + x[2].reshape(like) if len(x) > 2 else z


def evaluated(x):
    """With given statistics, which have gradients too."""
    like = [-1 if k == 1 else 1 for k in range(x[0].dim())]
    w, b, mean, var = [t.reshape(like) for t in x[1:]]
    return (x[0] - mean) / torch.sqrt(var + 1e-5) * w + b


def checked(x, eps=1e-5):
    """The same by torch, which keeps `trained` honest."""
    w, b = (x[1:] + [None, None])[:2]
    y = batch_norm(x[0], None, None, w, b, True, 0.1, eps)
    assert torch.allclose(y, trained(x, eps), rtol=1e-12, atol=1e-12)
    return y


def five(*shape):
    channels = shape[1]
    return [awkward(*shape), awkward(channels), awkward(channels), awkward(channels),
            awkward(channels, low=0.3, high=2.0)]


case("batch_norm", "two axes", [awkward(5, 3), awkward(3), awkward(3)], checked)
case("batch_norm", "three axes", [awkward(2, 3, 5), awkward(3), awkward(3)], checked)
case("batch_norm", "images", [awkward(2, 3, 2, 3), awkward(3), awkward(3)], checked)
case("batch_norm", "bare", [awkward(5, 3)], checked)
case("batch_norm", "scaled", [awkward(5, 3), awkward(3)], checked)
case("batch_norm", "eps", [awkward(5, 3), awkward(3), awkward(3)], lambda x: checked(x, 0.5))
case("batch_norm", "with running statistics", five(5, 3), lambda x: trained(x[:3]))
case("batch_norm", "running mean", five(2, 3, 5),
     lambda x: 0.9 * x[3] + 0.1 * x[0].mean((0, 2)).detach())
case("batch_norm", "running variance", five(2, 3, 5),
     lambda x: 0.75 * x[4] + 0.25 * x[0].var((0, 2)).detach())
for name, shape in {"evaluation": (2, 3, 5), "evaluation of size 1": (1, 1),
                    "evaluation of nothing": (0, 3), "evaluation of two axes": (5, 3),
                    "evaluation of images": (2, 3, 2, 3), "evaluation of an image": (1, 2, 3, 5),
                    "evaluation of a channel": (4, 1, 3),
                    "evaluation of five axes": (2, 3, 1, 2, 2)}.items():
    case("batch_norm", name, five(*shape), evaluated)
case("batch_norm", "transposed", [awkward(3, 5), awkward(3), awkward(3)],
     lambda x: checked([x[0].T, x[1], x[2]]))
case("batch_norm", "sliced backwards", [awkward(7, 3), awkward(3), awkward(3)],
     lambda x: checked([x[0].flip(0)[::2], x[1], x[2]]))
case("batch_norm", "expanded", [awkward(2, 5), awkward(2), awkward(2)],
     lambda x: checked([x[0].expand(3, 2, 5), x[1], x[2]]))
