# SPDX-License-Identifier: MIT
"""Golden cases of pooling."""

import math

from torch.nn.functional import avg_pool2d, max_pool2d

from golden import awkward, case


def gathered(x, settings):
    """x[1] at the places of the maxima of x[0]."""
    places = max_pool2d(x[0], return_indices=True, **settings)[1]
    return x[1].flatten(2).gather(2, places.flatten(2)).reshape(places.shape) + 0 * x[0].sum()


TWO = {"kernel_size": 2}
IMAGES = {
    "size 1": ((1, 1, 1, 1), {"kernel_size": 1}),
    "": ((1, 2, 4, 4), TWO),
    "odd primes": ((2, 3, 5, 7), {"kernel_size": (3, 2)}),
    "overlapping": ((2, 2, 4, 5), {"kernel_size": (2, 3), "stride": 1}),
    "padded": ((1, 2, 5, 4), {"kernel_size": 3, "stride": 2, "padding": 1}),
    "dilation": ((1, 2, 5, 7), {"kernel_size": 2, "stride": (1, 2), "dilation": (2, 3)}),
    "all settings": ((2, 2, 5, 4), {"kernel_size": (3, 2), "stride": (2, 1), "padding": 1,
                                    "dilation": (2, 1)}),
    "empty batch": ((0, 2, 4, 4), TWO),
}
NAMES = {"": "2x2", "padded": "padding never wins"}
for name, (x, settings) in IMAGES.items():
    high = -0.1 if name == "padded" else 2.0
    case("max_pool2d", NAMES.get(name, name), [awkward(*x, high=high)],
         lambda x, settings=settings: max_pool2d(x[0], **settings))
    case("max_pool2d", "tangents" + (", " if name else "") + name, [awkward(*x), awkward(*x)],
         lambda x, settings=settings: gathered(x, settings))
    if name in ("", "empty batch"):
        continue
    case("max_pool2d", "places" + (", " if name != "odd primes" else "") + name.replace("odd primes", ""),
         [awkward(*x)], lambda x, settings=settings: max_pool2d(x[0], return_indices=True, **settings)[1],
         differentiable=False)

TIES = [[[[1.5, 1.5, -0.5, 0.5], [1.5, 1.5, 0.5, 0.5], [0.25, 0.75, 0.75, 0.75], [0.75, 0.25, 0.25, 0.75]]]]
ODD = [[[[math.nan, 1.5, math.inf, 0.5], [2.5, 0.5, 0.25, math.inf],
         [-math.inf, -math.inf, 0.5, -math.inf], [-math.inf, -math.inf, math.nan, 0.75]]]]
case("max_pool2d", "ties go to the first", [TIES], lambda x: max_pool2d(x[0], 2))
case("max_pool2d", "places, ties", [TIES], lambda x: max_pool2d(x[0], 2, return_indices=True)[1],
     differentiable=False)
case("max_pool2d", "infinity and NaN", [ODD], lambda x: max_pool2d(x[0], 2))
case("avg_pool2d", "infinity and NaN", [ODD], lambda x: avg_pool2d(x[0], 2))

AVERAGES = {
    "size 1": ((1, 1, 1, 1), {"kernel_size": 1}), "2x2": ((1, 2, 4, 4), TWO),
    "odd primes": ((2, 3, 5, 7), {"kernel_size": (3, 2)}),
    "overlapping": ((2, 2, 4, 5), {"kernel_size": (2, 3), "stride": 1}),
    "padding counts": ((1, 2, 5, 4), {"kernel_size": 3, "stride": 2, "padding": 1}),
    "padding excluded": ((1, 2, 5, 4), {"kernel_size": 3, "stride": 2, "padding": 1,
                                        "count_include_pad": False}),
    "empty batch": ((0, 2, 4, 4), TWO),
}
for name, (x, settings) in AVERAGES.items():
    case("avg_pool2d", name, [awkward(*x)], lambda x, settings=settings: avg_pool2d(x[0], **settings))

for op, pool in {"max_pool2d": max_pool2d, "avg_pool2d": avg_pool2d}.items():
    case(op, "transposed", [awkward(1, 2, 5, 4)], lambda x, pool=pool: pool(x[0].mT, 2))
    case(op, "sliced backwards", [awkward(1, 2, 7, 4)], lambda x, pool=pool: pool(x[0].flip(2)[:, :, ::2], 2))
    case(op, "expanded, tied" if op == "max_pool2d" else "expanded", [awkward(1, 2, 1, 4)],
         lambda x, pool=pool: pool(x[0].expand(2, 2, 2, 4), 2))
