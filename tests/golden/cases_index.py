# SPDX-License-Identifier: MIT
"""Golden cases of slices and elements by index: of every index dtype, repeated, none at all, and of views."""

import math

import torch
from torch.nn import functional

from golden import awkward, case


def indices(*values, dtype=torch.int64):
    return torch.tensor(values, dtype=dtype)


def indexed(op, name, x, index, formula):
    """Of an index that torch wants as i64."""
    case(op, name, [x, index], lambda x: formula(x[0], x[1].long()))


def unchanged(op, name, x, index, formula):
    case(op, name, [x, index], lambda x: formula(x[0], x[1].long()), differentiable=False)


def pick(name, x, index, formula=lambda x, i: x.index_select(0, i)):
    indexed("index_select", name, x, index, formula)


pick("first axis", awkward(5, 3), indices(4, 0, 2))
pick("middle axis", awkward(2, 5, 3), indices(3, 1), lambda x, i: x.index_select(1, i))
pick("last axis", awkward(3, 7), indices(6, 0, 1, 5), lambda x, i: x.index_select(-1, i))
pick("of rank 1", awkward(7), indices(2, 6, 3))
pick("size 1", awkward(1), indices(0))
pick("one element three times", awkward(1, 1), indices(0, 0, 0))
pick("repeated", awkward(5, 3), indices(1, 4, 1, 0, 1, 4))
pick("repeated in the last axis", awkward(3, 5), indices(2, 2, 0, 2), lambda x, i: x.index_select(1, i))
pick("all, backwards", awkward(5, 2), indices(4, 3, 2, 1, 0))
pick("no indices", awkward(5, 3), indices())
pick("no indices into nothing", awkward(0, 3), indices())
pick("empty rows", awkward(5, 0), indices(4, 1))
pick("i32 indices", awkward(5, 3), indices(4, 0, 4, dtype=torch.int32))
pick("u8 indices", awkward(5, 3), indices(4, 0, 4, dtype=torch.uint8))
pick("u8 indices from 128 on", awkward(201), indices(200, 128, 127, dtype=torch.uint8))
pick("transposed", awkward(3, 5), indices(4, 0, 2), lambda x, i: x.T.index_select(0, i))
pick("sliced backwards", awkward(3, 7), indices(3, 0, 3), lambda x, i: x.flip(1)[:, ::2].index_select(1, i))
pick("expanded", awkward(1, 3), indices(3, 0, 1), lambda x, i: x.expand(4, 3).index_select(0, i))
pick("sliced indices", awkward(5, 3), indices(4, 9, 0, 9, 2), lambda x, i: x.index_select(0, i[::2]))
pick("expanded index", awkward(5, 3), indices(2), lambda x, i: x.index_select(0, i.expand(4)))
pick("of squares", awkward(4, 3), indices(3, 1, 3), lambda x, i: (x * x).index_select(0, i))
pick("squared", awkward(4, 3), indices(3, 1, 3), lambda x, i: x.index_select(0, i) * x.index_select(0, i))
pick("twice", awkward(5, 3), indices(4, 0, 2), lambda x, i: x.index_select(0, i).index_select(1, i[1:]))
pick("infinity and NaN", [[1.5, math.inf], [math.nan, 0.5], [0.25, -math.inf]], indices(1, 2, 0, 1))
PICK = {"i64 picked": torch.arange(15), "u8 picked": torch.arange(15, dtype=torch.uint8) + 200,
        "bool picked": torch.arange(15) % 4 == 1, "i32 picked": torch.arange(15, dtype=torch.int32) - 7}
for name, x in PICK.items():
    unchanged("index_select", name, x.reshape(5, 3), indices(4, 0, 4), lambda x, i: x.index_select(0, i))

TOKENS = indices([4, 0, 2], [1, 4, 4])
pick("embedding, rank 1", awkward(5, 3), indices(4, 0, 4), lambda x, i: functional.embedding(i, x))
pick("embedding, rank 2", awkward(5, 3), TOKENS, lambda x, i: functional.embedding(i, x))
pick("embedding, rank 3", awkward(5, 2), TOKENS.reshape(3, 1, 2), lambda x, i: functional.embedding(i, x))
pick("embedding, 0-d index", awkward(5, 3), torch.tensor(3), lambda x, i: x[i])
pick("embedding, of numbers", awkward(5), TOKENS, lambda x, i: x[i])
pick("embedding, of matrices", awkward(5, 2, 2), TOKENS, lambda x, i: x[i])
pick("embedding, no indices", awkward(5, 3), torch.zeros(0, 2, dtype=torch.int64),
     lambda x, i: functional.embedding(i, x))
pick("embedding, transposed index", awkward(5, 3), TOKENS, lambda x, i: functional.embedding(i.T, x))
pick("embedding, i32 indices", awkward(5, 3), TOKENS.int(), lambda x, i: functional.embedding(i, x))
pick("embedding, squared", awkward(5, 2), TOKENS,
     lambda x, i: functional.embedding(i, x) * functional.embedding(i, x))


def put(name, x, index, size, axis=0, seen=lambda x: x):
    """x added to zeros that are `size` long along the axis."""
    def scatter(x, index):
        x = seen(x)
        shape = list(x.shape)
        shape[axis] = size
        return torch.zeros(shape).index_add(axis, index, x)

    indexed("index_scatter", name, x, index, scatter)


put("first axis", awkward(3, 2), indices(4, 0, 2), 5)
put("middle axis", awkward(2, 3, 2), indices(1, 3, 0), 4, 1)
put("last axis", awkward(3, 4), indices(6, 0, 1, 5), 7, -1)
put("size 1", awkward(1), indices(0), 1)
put("repeated", awkward(6, 3), indices(1, 4, 1, 0, 1, 4), 5)
put("all onto one", awkward(5, 3), indices(0, 0, 0, 0, 0), 1)
put("no indices", awkward(0, 3), indices(), 2)
put("into nothing", awkward(0, 3), indices(), 0)
put("empty rows", awkward(2, 0), indices(1, 1), 3)
put("i32 indices", awkward(3, 2), indices(2, 0, 2, dtype=torch.int32), 3)
put("u8 indices", awkward(3, 2), indices(2, 0, 2, dtype=torch.uint8), 3)
put("transposed", awkward(2, 3), indices(3, 0, 3), 4, seen=lambda x: x.T)
put("sliced backwards", awkward(3, 7), indices(3, 0, 3, 1), 5, 1, lambda x: x.flip(1)[:, ::2])
put("expanded", awkward(1, 3), indices(1, 0, 1, 1), 2, seen=lambda x: x.expand(4, 3))
put("of squares", awkward(3, 2), indices(1, 0, 1), 3, seen=lambda x: x * x)


def elements(name, x, index, axis=1, seen=lambda x: x, index_seen=lambda i: i):
    indexed("gather", name, x, index, lambda x, i: seen(x).gather(axis, index_seen(i)))


elements("last axis", awkward(3, 5), indices([4, 0], [1, 3], [2, 2]))
elements("first axis", awkward(5, 3), indices([4, 0, 2], [1, 4, 3]), 0)
elements("middle axis", awkward(2, 5, 3), indices([[4, 0, 2], [1, 4, 3]], [[0, 1, 0], [3, 3, 2]]))
elements("a negative axis", awkward(2, 5, 3), indices([[4, 0, 2]], [[0, 1, 0]]), -2)
elements("of rank 1", awkward(7), indices(2, 6, 3), 0)
elements("size 1", awkward(1), indices(0), 0)
elements("repeated", awkward(2, 3), indices([1, 1, 0, 1, 1, 0, 2], [2, 2, 2, 2, 2, 2, 2]))
elements("an index smaller elsewhere", awkward(5, 3, 2), indices([[2], [0]], [[1], [1]]), 1)
elements("no indices", awkward(3, 5), torch.zeros(3, 0, dtype=torch.int64))
elements("no rows", awkward(3, 5), torch.zeros(0, 2, dtype=torch.int64))
elements("into nothing", awkward(3, 0), torch.zeros(3, 0, dtype=torch.int64))
elements("i32 indices", awkward(3, 5), indices([4, 0], [1, 3], [2, 2], dtype=torch.int32))
elements("u8 indices", awkward(1, 201), indices([200, 128, 127, 200], dtype=torch.uint8))
elements("transposed", awkward(5, 3), indices([4, 0], [1, 3], [2, 2]), seen=lambda x: x.T)
elements("transposed index", awkward(3, 5), indices([4, 1, 2], [0, 3, 2]), index_seen=lambda i: i.T)
elements("sliced backwards", awkward(3, 7), indices([3, 0], [1, 3], [2, 2]), seen=lambda x: x.flip(1)[:, ::2])
elements("sliced index", awkward(3, 5), indices([4, 9, 0], [1, 9, 3], [2, 9, 2]), index_seen=lambda i: i[:, ::2])
elements("expanded", awkward(1, 5), indices([4, 0], [1, 0], [4, 4]), seen=lambda x: x.expand(3, 5))
elements("expanded index", awkward(3, 5), indices([4, 0]), index_seen=lambda i: i.expand(3, 2))
elements("of squares", awkward(2, 3), indices([1, 1], [2, 0]), seen=lambda x: x * x)
indexed("gather", "squared", awkward(2, 3), indices([1, 1], [2, 0]), lambda x, i: x.gather(1, i) * x.gather(1, i))
elements("infinity and NaN", [[1.5, math.inf], [math.nan, 0.5], [0.25, -math.inf]], indices([1, 0], [0, 0], [1, 1]))
for name, x in PICK.items():
    unchanged("gather", name, x.reshape(3, 5), indices([4, 0], [1, 3], [2, 2]), lambda x, i: x.gather(1, i))


def hot(name, index, classes, dtype=torch.float64, seen=lambda i: i):
    case("one_hot", name, [index], lambda x: functional.one_hot(seen(x[0].long()), classes).to(dtype),
         differentiable=False)


hot("0-d", torch.tensor(2), 4)
hot("size 1", indices(0), 1)
hot("odd primes", indices(4, 0, 2, 1, 3, 4, 4), 5)
hot("two axes", TOKENS, 7)
hot("no indices", torch.zeros(0, 2, dtype=torch.int64), 3)
hot("i32 indices", TOKENS.int(), 5)
hot("u8 indices", indices(200, 128, dtype=torch.uint8), 201)
hot("transposed", TOKENS, 5, seen=lambda i: i.T)
hot("sliced", indices(4, 9, 0, 9, 2), 5, seen=lambda i: i[::2])
hot("expanded", indices(1), 3, seen=lambda i: i.expand(4))
hot("as i64", TOKENS, 5, torch.int64)
hot("as i32", TOKENS, 5, torch.int32)
hot("as u8", TOKENS, 5, torch.uint8)
hot("as bool", TOKENS, 5, torch.bool)
indexed("one_hot", "times a tensor", awkward(2, 3, 5), TOKENS, lambda x, i: functional.one_hot(i, 5) * x)
