# SPDX-License-Identifier: MIT
"""Elementwise ops of two inputs, and where: shapes that broadcast either way, layouts, plain numbers on either side,
ties, integers that wrap."""

import math

import torch

from golden import awkward, case

NAN, INF = math.nan, math.inf

TIES = ([-0.7, 0.4, 0.4, 1.3, NAN, 0.6, NAN, INF, -INF, INF], [0.4, 0.4, -0.7, 1.3, 0.6, NAN, NAN, INF, INF, 0.3])


def op(name, f, low, high, number, differentiable=True):
    def two(label, a, b, g):
        case(name, label, [a, b], g, differentiable)

    def draw(*shape):
        return awkward(*shape, low=low, high=high)

    two("0-d", draw(), draw(), lambda x: f(x[0], x[1]))
    two("no elements", draw(0, 3), draw(0, 3), lambda x: f(x[0], x[1]))
    two("one element", draw(1), draw(1), lambda x: f(x[0], x[1]))
    two("odd primes", draw(5, 7), draw(5, 7), lambda x: f(x[0], x[1]))
    two("broadcast both", draw(3, 1), draw(1, 4), lambda x: f(x[0], x[1]))
    two("broadcast left", draw(3), draw(2, 2, 3), lambda x: f(x[0], x[1]))
    two("broadcast right", draw(2, 2, 3), draw(), lambda x: f(x[0], x[1]))
    two("broadcast to none", draw(0, 1), draw(1, 3), lambda x: f(x[0], x[1]))
    two("transposed", draw(5, 3), draw(3, 5), lambda x: f(x[0].T, x[1]))
    two("strided slice", draw(3, 2), draw(8, 2), lambda x: f(x[0], x[1][1::3]))
    two("expanded", draw(3, 1), draw(3, 4), lambda x: f(x[0].expand(3, 4), x[1]))
    case(name, "same twice", [draw(2, 3)], lambda x: f(x[0], x[0]), differentiable)
    case(name, "number right", [draw(2, 3)], lambda x: f(x[0], torch.tensor(number)), differentiable)
    case(name, "number left", [draw(2, 3)], lambda x: f(torch.tensor(number), x[0]), differentiable)


def integers(name, f):
    i32 = [torch.tensor([2**31 - 1, -2**31, 70000, -3], dtype=torch.int32),
           torch.tensor([5, -7, 70000, -3], dtype=torch.int32)]
    case(name, "i32", i32, lambda x: f(x[0], x[1]), differentiable=False)
    case(name, "i64", [torch.tensor([[3], [-4]]), torch.tensor([3, 0, 9])], lambda x: f(x[0], x[1]),
         differentiable=False)
    case(name, "u8", [torch.tensor([250, 7, 20], dtype=torch.uint8), torch.tensor([10, 9, 20], dtype=torch.uint8)],
         lambda x: f(x[0], x[1]), differentiable=False)
    case(name, "i64 with a number", [torch.tensor([3, -4])], lambda x: f(x[0], torch.tensor(3)), differentiable=False)


op("add", torch.add, -2, 2, 1.75)
op("sub", torch.sub, -2, 2, 1.75)
op("mul", torch.mul, -2, 2, 1.75)
op("div", torch.div, 0.4, 2, 1.75)
op("pow", torch.pow, 0.3, 2, 1.75)
op("maximum", torch.maximum, -2, 2, 0.25)
op("minimum", torch.minimum, -2, 2, 0.25)
for name, f in (("maximum", torch.maximum), ("minimum", torch.minimum)):
    case(name, "ties and NaN", list(TIES), lambda x, f=f: f(x[0], x[1]))
    case(name, "tie with a number", [[0.25, 0.5, 0.1]], lambda x, f=f: f(x[0], torch.tensor(0.25)))
case("div", "poles", [[1.3, -0.7, 0.0, INF], [0.0, 0.0, 0.4, 0.6]], lambda x: x[0] / x[1])
case("pow", "base zero", [[0.0, 0.0, 0.0], [0.0, 1.0, 2.5]], lambda x: torch.pow(x[0], x[1]))
case("pow", "negative base", [[-0.7, -1.3], [2.0, -3.0]], lambda x: torch.pow(x[0], x[1]), differentiable=[0])
case("pow", "exponent zero", [[0.7, 1.3], [0.0, 0.0]], lambda x: torch.pow(x[0], x[1]))
for name, f in (("add", torch.add), ("sub", torch.sub), ("mul", torch.mul), ("maximum", torch.maximum),
                ("minimum", torch.minimum)):
    integers(name, f)

for name, f in (("eq", torch.eq), ("ne", torch.ne), ("lt", torch.lt), ("le", torch.le), ("gt", torch.gt),
                ("ge", torch.ge)):
    op(name, f, -2, 2, 0.3, differentiable=False)
    integers(name, f)
    case(name, "ties and NaN", list(TIES), lambda x, f=f: f(x[0], x[1]), differentiable=False)
    case(name, "bool", [torch.tensor([True, True, False, False]), torch.tensor([True, False, True, False])],
         lambda x, f=f: f(x[0], x[1]), differentiable=False)

C = torch.tensor([[True, False, True], [False, False, True]])
where = lambda x: torch.where(x[0], x[1], x[2])
case("where", "0-d", [torch.tensor(True), awkward(), awkward()], where)
case("where", "no elements", [C[:0], awkward(0, 3), awkward(0, 3)], where)
case("where", "one element", [torch.tensor([False]), awkward(1), awkward(1)], where)
case("where", "odd primes", [torch.tensor([k % 3 == 1 for k in range(35)]).reshape(5, 7), awkward(5, 7),
                             awkward(5, 7)], where)
case("where", "broadcast values", [C, awkward(3), awkward(2, 1)], where)
case("where", "broadcast condition", [C[0], awkward(2, 1), awkward(4, 1, 3)], where)
case("where", "transposed", [C.T.contiguous(), awkward(2, 3), awkward(2, 3)], lambda x: torch.where(x[0].T, x[1], x[2]))
case("where", "strided slice", [C, awkward(8, 3), awkward(2, 3)], lambda x: torch.where(x[0], x[1][1::4], x[2]))
case("where", "expanded", [C, awkward(2, 1), awkward(2, 3)], lambda x: torch.where(x[0], x[1].expand(2, 3), x[2]))
case("where", "same twice", [C, awkward(2, 3)], lambda x: torch.where(x[0], x[1], x[1]))
case("where", "number left", [C, awkward(2, 3)], lambda x: torch.where(x[0], 0.75, x[1]))
case("where", "number right", [C, awkward(2, 3)], lambda x: torch.where(x[0], x[1], 0.75))
case("where", "NaN on the other side",
     [C, [[1.3, NAN, 0.4], [INF, -0.7, 0.6]], [[NAN, 0.7, INF], [0.2, NAN, NAN]]], where)
case("where", "i64", [C, torch.tensor([1, 2, 3]), torch.tensor([[-4], [5]])], where, differentiable=False)
case("where", "u8", [C[0], torch.tensor([1, 2, 255], dtype=torch.uint8), torch.tensor([7, 8, 9], dtype=torch.uint8)],
     where, differentiable=False)
case("where", "i32 and a number", [C[0], torch.tensor([1, 2, 3], dtype=torch.int32)],
     lambda x: torch.where(x[0], x[1], torch.tensor(-1, dtype=torch.int32)), differentiable=False)
case("where", "bool", [C[0], C[1], C[0]], where, differentiable=False)
