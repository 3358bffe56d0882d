# SPDX-License-Identifier: MIT
"""Golden cases of the ops in src/graph/basic.c; those of add are with the binary ops."""

import math

import torch

from golden import awkward, case

SHAPES = {"0-d": (), "zero-size": (3, 0), "size 1": (1, 1), "odd primes": (5, 7),
          "rank 5": (1, 3, 1, 2, 2)}
ODD = [1.3, math.inf, -math.inf, math.nan, -0.0]

for name, shape in SHAPES.items():
    case("fill", name, [awkward(*shape)], lambda x: torch.full_like(x[0], -1.75),
         differentiable=False)
    case("constant", name, [awkward(*shape)],
         lambda x: torch.arange(x[0].numel()).reshape(x[0].shape) - 1.25, differentiable=False)
    case("assign", name, [awkward(*shape), awkward(*shape)], lambda x: x[1] * 1)
    case("detach", name, [awkward(*shape)], lambda x: x[0].detach(), differentiable=False)

case("fill", "infinity", [awkward(3)], lambda x: torch.full_like(x[0], math.inf),
     differentiable=False)
case("fill", "NaN", [awkward(3)], lambda x: torch.full_like(x[0], math.nan), differentiable=False)
case("fill", "integers", [[4, 5, 6]], lambda x: torch.full_like(x[0], -3), differentiable=False)
case("fill", "bool", [[True, False]], lambda x: torch.full_like(x[0], True), differentiable=False)

case("constant", "integers", [[7, -9, 11]], lambda x: x[0], differentiable=False)
case("constant", "bool", [[True, False]], lambda x: x[0], differentiable=False)
case("constant", "NaN and infinities", [ODD], lambda x: x[0], differentiable=False)

case("assign", "transposed", [awkward(3, 2), awkward(2, 3)], lambda x: x[1].T)
case("assign", "expanded", [awkward(3, 2), awkward(2)], lambda x: x[1].expand(3, 2))
case("assign", "NaN and infinities", [awkward(5), ODD], lambda x: x[1] * 1)

case("detach", "transposed", [awkward(3, 2)], lambda x: x[0].T, differentiable=False)
case("detach", "expanded", [awkward(2)], lambda x: x[0].expand(3, 2), differentiable=False)
case("detach", "NaN and infinities", [ODD], lambda x: x[0], differentiable=False)
case("detach", "integers", [[7, -9, 11]], lambda x: x[0], differentiable=False)
case("detach", "one of two paths", [awkward(5)], lambda x: x[0] + x[0].detach())
