# SPDX-License-Identifier: MIT
"""Golden cases of softmax and log_softmax."""

import math

import torch

from golden import awkward, case

SHAPES = {"0-d": ((), -1), "size 1": ((1, 1), -1), "odd primes": ((3, 5), -1), "first axis": ((3, 5), 0),
          "middle axis": ((2, 3, 5), -2), "long line": ((2, 151), -1), "no lines": ((0, 3), -1),
          "empty lines": ((3, 0), -1)}
ODD = [[1.5, math.inf, -0.5], [-math.inf, 0.25, 1.75], [math.nan, 0.5, 2.5], [-math.inf] * 3]

for op in ["softmax", "log_softmax"]:
    f = getattr(torch, op)
    for name, (shape, axis) in SHAPES.items():
        case(op, name, [awkward(*shape)], lambda x, f=f, axis=axis: f(x[0], axis))
    case(op, "transposed", [awkward(5, 3)], lambda x, f=f: f(x[0].T, 1))
    case(op, "sliced backwards", [awkward(3, 7)], lambda x, f=f: f(x[0].flip(1)[:, ::2], 1))
    case(op, "expanded", [awkward(4)], lambda x, f=f: f(x[0].expand(3, 4), 1))
    case(op, "large numbers", [[[1000.25, 999.5, -1000.75], [-5000.5, -5001.25, -5000.75]]],
         lambda x, f=f: f(x[0], 1))
    case(op, "infinity and NaN", [ODD], lambda x, f=f: f(x[0], 1))
