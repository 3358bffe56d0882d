# SPDX-License-Identifier: MIT
"""Golden cases of attention."""

import math

import torch
from torch.nn.functional import scaled_dot_product_attention

from golden import awkward, case

MASK = torch.tensor([[True, False, True, True, False], [False, True, False, False, False],
                     [True, True, True, True, True]])


def attention(x, **settings):
    return scaled_dot_product_attention(*x, **settings)


def three(q, k, v):
    return [awkward(*q), awkward(*k), awkward(*v)]


SHAPES = {"one head": ((3, 2), (5, 2), (5, 4)), "size 1": ((1, 1), (1, 1), (1, 1)),
          "heads": ((2, 2, 3, 2), (2, 2, 5, 2), (2, 2, 5, 3)),
          "broadcast heads": ((2, 1, 3, 2), (1, 2, 5, 2), (5, 3)),
          "no queries": ((0, 2), (5, 2), (5, 3)), "no columns": ((3, 0), (5, 0), (5, 2)),
          "many queries": ((67, 1), (2, 1), (2, 1))}
for name, shapes in SHAPES.items():
    case("attention", name, three(*shapes), attention if name != "no columns" else
         lambda x: attention(x, scale=1.0))
case("attention", "no keys", three((3, 2), (0, 2), (0, 4)), lambda x: x[0] @ x[1].T @ x[2])
case("attention", "scale", three((3, 2), (5, 2), (5, 4)), lambda x: attention(x, scale=0.75))
for name, (t, s) in {"as many": (4, 4), "more keys": (3, 5), "fewer keys": (5, 3)}.items():
    case("attention", f"causal, {name}", three((2, t, 3), (2, s, 3), (2, s, 2)),
         lambda x: attention(x, is_causal=True))
case("attention", "causal, many queries", three((67, 1), (66, 1), (66, 1)),
     lambda x: attention(x, is_causal=True))
case("attention", "mask", three((3, 2), (5, 2), (5, 4)) + [MASK],
     lambda x: attention(x[:3], attn_mask=x[3]))
case("attention", "mask for heads", three((2, 3, 2), (2, 5, 2), (2, 5, 4)) + [MASK],
     lambda x: attention(x[:3], attn_mask=x[3]))
case("attention", "mask for keys", three((3, 2), (5, 2), (5, 4)) + [MASK[0]],
     lambda x: attention(x[:3], attn_mask=x[3]))
case("attention", "causal and mask", three((3, 2), (5, 2), (5, 4)) + [MASK],
     lambda x: attention(x[:3], attn_mask=x[3] & torch.ones(3, 5, dtype=torch.bool).tril()))
case("attention", "a query that sees nothing",
     three((2, 2), (3, 2), (3, 4)) + [[[True, False, True], [False, False, False]]],
     lambda x: attention(x[:3], attn_mask=x[3]))
case("attention", "transposed", three((2, 3), (2, 5), (4, 5)),
     lambda x: attention([t.T for t in x]))
case("attention", "sliced backwards", three((5, 2), (5, 2), (5, 4)),
     lambda x: attention([t.flip(0)[::2] for t in x], is_causal=True))
case("attention", "expanded", three((3, 2), (2,), (4,)),
     lambda x: attention([x[0], x[1].expand(5, 2), x[2].expand(5, 4)]))
case("attention", "itself", [awkward(4, 3)], lambda x: attention([x[0]] * 3, is_causal=True))
case("attention", "infinity and NaN",
     [[[0.25, math.inf], [math.nan, 0.75], [0.25, 0.5]], awkward(3, 2), awkward(3, 2)], attention)
