# SPDX-License-Identifier: MIT
"""Golden cases of the reductions: over every choice of axes, of views, and of numbers that tie or are none."""

import math

import torch

from golden import awkward, case


def reduction(f, **settings):
    """f over these axes, over all when none is named."""
    return lambda x, *axes, keep=False: f(x, dim=axes or tuple(range(x.dim())) or 0, keepdim=keep, **settings)


REDUCTIONS = {"sum": reduction(torch.sum), "mean": reduction(torch.mean), "amax": reduction(torch.amax),
              "amin": reduction(torch.amin), "logsumexp": reduction(torch.logsumexp),
              "var": reduction(torch.var, correction=1), "std": reduction(torch.std, correction=1)}
VIEWS = {"transposed": ((5, 3), lambda f, x: f(x.T, 0)),
         "transposed, all axes": ((5, 3), lambda f, x: f(x.T)),
         "sliced backwards": ((3, 7), lambda f, x: f(x.flip(1)[:, ::2], 1)),
         "expanded": ((1, 5), lambda f, x: f(x.expand(3, 5))),
         "of squares": ((3, 4), lambda f, x: f(x * x, 1)),
         "composed": ((3, 4), lambda f, x: f(x * f(x, 1, keep=True), 0))}
SHAPES = {"0-d": (), "size 1": (1, 1), "all axes": (5, 7), "first axis": (5, 7), "last axis": (3, 5),
          "middle axis": (2, 3, 5), "two axes": (2, 3, 5), "every axis named": (2, 3, 2), "axis kept": (3, 5),
          "all kept": (2, 3), "long line": (1, 151), "long columns": (37, 3), "an axis of size 1": (3, 1),
          "no lines": (0, 3)}
AXES = {"first axis": [0], "last axis": [-1], "middle axis": [1], "two axes": [0, -1], "every axis named": [-1, 0, 1],
        "axis kept": [1], "long line": [1], "long columns": [0], "an axis of size 1": [1], "no lines": [1]}
ODD = [[1.5, math.inf, -0.5], [-math.inf, 0.25, 1.75], [math.inf, 0.5, -math.inf], [-math.inf] * 3, [math.inf] * 3]
NAN = [[1.5, math.nan, -0.5], [math.nan, 0.25, math.nan], [math.inf, 0.5, math.nan], [0.25, 0.5, 0.75]]

for op, f in REDUCTIONS.items():
    for name, shape in SHAPES.items():
        case(op, name, [awkward(*shape)],
             lambda x, f=f, name=name: f(x[0], *AXES.get(name, []), keep="kept" in name))
    for name, (shape, view) in VIEWS.items():
        case(op, name, [awkward(*shape)], lambda x, f=f, view=view: view(f, x[0]))
    # In the other rows of var, whose mean is infinite, torch gives infinities and we NaN.
    case(op, "infinity", [ODD[2:] if op == "var" else ODD], lambda x, f=f: f(x[0], 1))
    case(op, "NaN", [NAN], lambda x, f=f: f(x[0], 1))

for op in ["sum", "mean", "logsumexp", "var", "std"]:
    case(op, "empty lines", [awkward(3, 0)], lambda x, f=REDUCTIONS[op]: f(x[0], 1))
    case(op, "of nothing", [awkward(0, 3)], lambda x, f=REDUCTIONS[op]: f(x[0]))


def integers(name, x, formula=lambda x: x.sum(1)):
    case("sum", name, [x], lambda x: formula(x[0]), differentiable=False)


GRID = torch.arange(-5, 7).reshape(3, 4)
integers("i64", GRID)
integers("i64, all axes", GRID, lambda x: x.sum())
integers("i64, axis kept", GRID, lambda x: x.sum(0, keepdim=True))
integers("i64 transposed", GRID, lambda x: x.T.sum(1))
integers("i64 sliced backwards", torch.arange(21).reshape(3, 7), lambda x: x.flip(1)[:, ::2].sum(1))
integers("i64 expanded", torch.arange(5), lambda x: x.expand(3, 5).sum())
integers("i64, empty lines", torch.zeros(3, 0, dtype=torch.int64))
integers("i32 beyond its range", torch.tensor([[2000000000, 2000000000, 5], [-2000000000, -1, -2000000000]],
                                              dtype=torch.int32))
integers("u8 beyond its range", torch.tensor([[200, 255, 100], [1, 2, 3]], dtype=torch.uint8))
integers("bool", torch.tensor([[True, False, True], [False, False, False]]))

# Distances of which f32 has none left when squares are subtracted.
FAR = [[1000000.25, 1000000.75, 1000001.5, 999999.5]]
for op, f in [("var", torch.var), ("std", torch.std)]:
    def row(name, x, correction=0, axes=(1,), keep=False):
        case(op, name, [x], lambda x, f=f: f(x[0], axes, correction=correction, keepdim=keep))

    row("biased", awkward(3, 5))
    row("biased, two axes kept", awkward(2, 3, 5), axes=(0, -1), keep=True)
    row("biased, an axis of size 1", awkward(3, 1))
    row("biased, empty lines", awkward(3, 0))
    row("equal numbers", [[2.5] * 4, [0.0] * 4], correction=1)
    row("far from zero", FAR, correction=1)
    row("two numbers", awkward(3, 2), correction=1)

case("logsumexp", "numbers too large for exp in f32", [[[100.25, 99.5, -100.75], [-200.5, -201.25, -200.75]]],
     lambda x: torch.logsumexp(x[0], 1))
case("logsumexp", "large numbers", [[[1000.25, 999.5, -1000.75], [-5000.5, -5001.25, -5000.75]]],
     lambda x: torch.logsumexp(x[0], 1))
case("logsumexp", "equal numbers", [[[2.5] * 4, [-0.25] * 4]], lambda x: torch.logsumexp(x[0], 1))

for op, sign in [("amax", 1), ("amin", -1)]:
    f = REDUCTIONS[op]
    TIES = sign * torch.tensor([[1.5, 2.5, 2.5], [0.25, 0.25, 0.25], [-0.0, 0.0, -1.0]])
    case(op, "ties", [TIES], lambda x, f=f: f(x[0], 1))
    case(op, "ties of columns", [TIES], lambda x, f=f: f(x[0], 0))
    case(op, "ties over all axes", [TIES], lambda x, f=f: f(x[0]))
    case(op, "ties, squared", [TIES], lambda x, f=f: f(x[0], 1) * f(x[0], 1))
    case(op, "ties in a long line", [(torch.arange(151) * 5 % 7 + 0.5).reshape(1, 151)], lambda x, f=f: f(x[0], 1))

for op in ["argmax", "argmin"]:
    def place(name, x, formula):
        case(op, name, [x], lambda x, f=getattr(torch, op): formula(f, x[0]), differentiable=False)

    place("size 1", awkward(1), lambda f, x: f(x, 0))
    place("one axis", awkward(7), lambda f, x: f(x, 0))
    place("first axis", awkward(5, 7), lambda f, x: f(x, 0))
    place("last axis", awkward(5, 7), lambda f, x: f(x, -1))
    place("middle axis", awkward(2, 3, 5), lambda f, x: f(x, 1))
    place("axis kept", awkward(3, 5), lambda f, x: f(x, 1, keepdim=True))
    place("long line", awkward(1, 151), lambda f, x: f(x, 1))
    place("long columns", awkward(37, 3), lambda f, x: f(x, 0))
    place("an axis of size 1", awkward(3, 1), lambda f, x: f(x, 1))
    place("no lines", awkward(0, 3), lambda f, x: f(x, 1))
    place("transposed", awkward(5, 3), lambda f, x: f(x.T, 0))
    place("sliced backwards", awkward(3, 7), lambda f, x: f(x.flip(1)[:, ::2], 1))
    place("expanded", awkward(1, 5), lambda f, x: f(x.expand(3, 5), 0))
    place("ties", torch.tensor([[1.5, 2.5, 2.5, 1.5], [0.25, 0.25, 0.25, 0.25], [-0.0, 0.0, -1.0, -1.0]]),
          lambda f, x: f(x, 1))
    place("ties in a long line", (torch.arange(151) * 5 % 7 + 0.5).reshape(1, 151), lambda f, x: f(x, 1))
    place("infinity", torch.tensor(ODD), lambda f, x: f(x, 1))
    place("NaN", torch.tensor(NAN), lambda f, x: f(x, 1))
