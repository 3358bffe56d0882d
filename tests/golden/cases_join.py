# SPDX-License-Identifier: MIT
"""Joining tensors, and padding them in three ways."""

import math

import numpy
import torch

from golden import awkward, case


def two(op, name, a, b, formula):
    case(op, name, [awkward(*a), awkward(*b)], formula)


def joined(op, join):
    """Cases of cat and of stack, which here differ in what they are made of alone."""
    two(op, "axis 0", (2, 3), (2, 3), lambda x: join(x, 0))
    two(op, "axis 1", (2, 3, 2), (2, 3, 2), lambda x: join(x, 1))
    two(op, "the last axis", (5, 7), (5, 7), lambda x: join(x, -1))
    two(op, "one element", (1,), (1,), lambda x: join(x, 0))
    two(op, "no elements", (0, 3), (0, 3), lambda x: join(x, 1))
    two(op, "transposed", (3, 2), (2, 3), lambda x: join([x[0].T, x[1]], 0))
    two(op, "strided slice", (2, 3), (5, 3), lambda x: join([x[0], x[1][::3]], 1))
    two(op, "expanded", (1, 3), (2, 3), lambda x: join([x[0].expand(2, 3), x[1]], 0))
    case(op, "one alone", [awkward(2, 3)], lambda x: join(x, 0))
    case(op, "the same twice", [awkward(2, 3)], lambda x: join([x[0], x[0]], 1))
    case(op, "three, squared", [awkward(2, 2), awkward(2, 2), awkward(2, 2)], lambda x: join(x, 1) * join(x, 1))
    case(op, "i64", [torch.arange(4), torch.arange(4) - 7], lambda x: join(x, 0), differentiable=False)


joined("cat", torch.cat)
two("cat", "of two sizes", (2, 3), (2, 4), lambda x: torch.cat(x, 1))
two("cat", "with nothing", (2, 3), (0, 3), lambda x: torch.cat(x, 0))
case("cat", "with a constant", [awkward(3), torch.tensor([0.3, 0.7])], lambda x: torch.cat(x), differentiable=[0])
case("cat", "with a part unused", [awkward(2), awkward(3)], lambda x: torch.cat(x)[:2])
joined("stack", torch.stack)
two("stack", "0-d", (), (), lambda x: torch.stack(x))
two("stack", "0-d, backwards axis", (), (), lambda x: torch.stack(x, -1))
case("stack", "with a part unused", [awkward(2), awkward(2)], lambda x: torch.stack(x)[1])


def padded(name, shape, widths, formula=lambda x: x, value=0.0, mode="constant"):
    """Constant by torch; the other modes by the places that numpy.pad gives, whose names are its own."""
    def pad(x):
        x = formula(x[0])
        if mode == "constant":
            flat = [n for pair in reversed(widths) for n in pair]
            return torch.nn.functional.pad(x, flat, value=value)
        for axis, pair in enumerate(widths):
            places = numpy.pad(numpy.arange(x.shape[axis]), pair, mode=mode)
            x = x.index_select(axis, torch.from_numpy(places))
        return x

    case("pad", name, [awkward(*shape)], pad)


padded("with zeros", (2, 3), [(1, 2), (3, 1)])
padded("with a value", (2, 3), [(0, 1), (2, 0)], value=-1.75)
padded("with NaN", (3,), [(1, 1)], value=math.nan)
padded("the inner axis alone", (5, 7), [(0, 0), (1, 0)])
padded("by nothing", (2, 3), [(0, 0), (0, 0)])
padded("0-d", (), [])
padded("one element", (1,), [(2, 2)])
padded("no elements", (0, 3), [(1, 1), (0, 0)])
padded("four axes", (2, 1, 2, 3), [(0, 0), (0, 0), (1, 1), (1, 1)])
padded("transposed", (3, 2), [(1, 0), (0, 1)], lambda x: x.T)
padded("strided slice", (7, 2), [(1, 1), (1, 1)], lambda x: x[::3])
padded("expanded", (1, 3), [(1, 0), (0, 2)], lambda x: x.expand(2, 3))
padded("squared", (2, 2), [(1, 1), (0, 1)], lambda x: x * x)
padded("reflect", (5,), [(2, 3)], mode="reflect")
padded("reflect, two axes", (3, 4), [(1, 2), (3, 0)], mode="reflect")
padded("reflect, squared", (3,), [(2, 2)], lambda x: x * x, mode="reflect")
padded("reflect, transposed", (3, 2), [(1, 1), (2, 1)], lambda x: x.T, mode="reflect")
padded("reflect, by nothing", (2, 1), [(0, 0), (0, 0)], mode="reflect")
padded("replicate", (3,), [(2, 4)], mode="edge")
padded("replicate, two axes", (2, 3), [(1, 0), (2, 3)], mode="edge")
padded("replicate, one element", (1,), [(3, 3)], mode="edge")
case("pad", "i64", [torch.arange(3)], lambda x: torch.nn.functional.pad(x[0], [1, 2], value=-4), differentiable=False)
