# SPDX-License-Identifier: MIT
"""Golden cases of matmul and linear."""

import math

import torch
from torch.nn.functional import linear

from golden import awkward, case

PRODUCTS = {
    "size 1": ((1, 1), (1, 1)), "row by column": ((1, 4), (4, 1)), "column by row": ((4, 1), (1, 3)),
    "odd primes": ((3, 5), (5, 2)), "beyond the direct loops": ((5, 7), (7, 3)),
    "in blocks": ((13, 11), (11, 9)), "zero rows": ((0, 3), (3, 2)), "zero inner": ((2, 0), (0, 3)),
    "vector by vector": ((5,), (5,)), "matrix by vector": ((3, 5), (5,)),
    "vector by matrix": ((5,), (5, 2)), "batch by vector": ((2, 3, 5), (5,)),
    "vector by batch": ((5,), (2, 5, 3)), "batches": ((2, 3, 5), (2, 5, 2)),
    "batches broadcast both ways": ((2, 1, 3, 4), (3, 4, 2)),
    "batch by one matrix": ((2, 3, 5), (5, 7)), "one matrix by a batch": ((3, 5), (2, 5, 2)),
    "empty batch": ((0, 3, 5), (0, 5, 2)), "batch by one matrix, zero inner": ((2, 3, 0), (0, 2)),
}
for name, (a, b) in PRODUCTS.items():
    case("matmul", name, [awkward(*a), awkward(*b)], lambda x: x[0] @ x[1])
case("matmul", "transposed", [awkward(5, 3), awkward(2, 5)], lambda x: x[0].T @ x[1].T)
case("matmul", "transposed batches", [awkward(2, 5, 3), awkward(2, 2, 5)], lambda x: x[0].mT @ x[1].mT)
case("matmul", "sliced backwards and in steps", [awkward(5, 3), awkward(3, 7)],
     lambda x: x[0].flip(0)[::2] @ x[1][:, 1:6:2])
case("matmul", "expanded", [awkward(3, 1), awkward(4, 2)], lambda x: x[0].expand(3, 4) @ x[1])
case("matmul", "the same twice", [awkward(3, 3)], lambda x: x[0] @ x[0])
case("matmul", "infinity and NaN", [[[1.3, math.inf], [math.nan, 0.7], [0.4, -0.6]], awkward(2, 2)],
     lambda x: x[0] @ x[1])

LAYERS = {
    "size 1": ((1, 1), 1), "one row to one number": ((1, 4), 1), "odd primes": ((3, 5), 2),
    "beyond the direct loops": ((13, 11), 9), "vector": ((5,), 3), "axes in front": ((2, 3, 5), 2),
    "zero rows": ((0, 5), 2), "zero inner": ((3, 0), 2),
}
for name, (x, out) in LAYERS.items():
    case("linear", name, [awkward(*x), awkward(out, x[-1]), awkward(out)],
         lambda x: linear(x[0], x[1], x[2]))
case("linear", "without bias", [awkward(3, 5), awkward(2, 5)], lambda x: linear(x[0], x[1]))
case("linear", "without bias, large", [awkward(13, 11), awkward(9, 11)], lambda x: linear(x[0], x[1]))
case("linear", "transposed", [awkward(5, 3), awkward(5, 2), awkward(2)],
     lambda x: linear(x[0].T, x[1].T, x[2]))
case("linear", "expanded", [awkward(5), awkward(2, 5), awkward(2)],
     lambda x: linear(x[0].expand(3, 5), x[1], x[2]))
case("linear", "sliced", [awkward(3, 9), awkward(2, 5), awkward(2)],
     lambda x: linear(x[0][:, ::2], x[1], x[2]))
