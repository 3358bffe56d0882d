# SPDX-License-Identifier: MIT
"""Golden cases of conv2d."""

import math

from torch.nn.functional import conv2d

from golden import awkward, case

# image, weights, settings; the bias has an element for each filter
IMAGES = {
    "size 1": ((1, 1, 1, 1), (1, 1, 1, 1), {}),
    "3x3 of the lecture": ((1, 1, 6, 6), (1, 1, 3, 3), {}),
    "odd primes": ((2, 3, 5, 7), (2, 3, 2, 3), {}),
    "stride": ((2, 2, 5, 8), (3, 2, 3, 2), {"stride": (2, 3)}),
    "pad": ((1, 2, 3, 4), (3, 2, 3, 3), {"padding": (1, 2)}),
    "dilation": ((1, 2, 6, 4), (2, 2, 3, 2), {"dilation": (2, 1)}),
    "groups": ((2, 4, 4, 3), (6, 2, 2, 3), {"groups": 2}),
    "depthwise": ((1, 4, 4, 5), (8, 1, 3, 3), {"groups": 4}),
    "all settings": ((2, 4, 4, 5), (2, 2, 3, 3),
                     {"stride": (2, 1), "padding": (2, 1), "dilation": (1, 2), "groups": 2}),
    "kernel of the image's size": ((2, 2, 3, 5), (3, 2, 3, 5), {}),
    "empty batch": ((0, 2, 4, 4), (3, 2, 3, 3), {}),
    "large, padded": ((2, 3, 7, 6), (4, 3, 3, 3), {"padding": (1, 1)}),
    "large, in groups with stride": ((1, 4, 13, 11), (8, 2, 3, 3),
                                     {"stride": (2, 2), "padding": (1, 1), "groups": 2}),
}
for name, (x, w, settings) in IMAGES.items():
    case("conv2d", name, [awkward(*x), awkward(*w), awkward(w[0])],
         lambda x, settings=settings: conv2d(x[0], x[1], x[2], **settings))
case("conv2d", "without bias", [awkward(2, 2, 4, 4), awkward(3, 2, 2, 2)], lambda x: conv2d(x[0], x[1]))
case("conv2d", "transposed", [awkward(1, 2, 5, 4), awkward(2, 2, 3, 2), awkward(2)],
     lambda x: conv2d(x[0].mT, x[1].mT, x[2]))
case("conv2d", "sliced backwards", [awkward(1, 2, 4, 9), awkward(2, 2, 3, 2), awkward(2)],
     lambda x: conv2d(x[0].flip(3)[..., ::2], x[1], x[2]))
case("conv2d", "expanded", [awkward(1, 2, 1, 4), awkward(2, 2, 3, 2), awkward(2)],
     lambda x: conv2d(x[0].expand(2, 2, 4, 4), x[1], x[2]))
image = awkward(1, 1, 4, 5)
image[0, 0, 0, 0], image[0, 0, 3, 4] = math.nan, math.inf
case("conv2d", "infinity and NaN", [image, awkward(1, 1, 2, 2), awkward(1)],
     lambda x: conv2d(x[0], x[1], x[2]))
