# SPDX-License-Identifier: MIT
"""Elementwise ops of one input, and cast. Every op has the same five shapes and three layouts, values away from kinks,
and its own row of edges: kinks, bounds, tails, infinities, NaN."""

import math

import torch
import torch.nn.functional as F

from golden import awkward, case

NAN, INF = math.nan, math.inf


def op(name, f, low, high, edges):
    def draw(*shape):
        return awkward(*shape, low=low, high=high)

    case(name, "0-d", [draw()], lambda x: f(x[0]))
    case(name, "no elements", [draw(0, 3)], lambda x: f(x[0]))
    case(name, "one element", [draw(1)], lambda x: f(x[0]))
    case(name, "odd primes", [draw(5, 7)], lambda x: f(x[0]))
    case(name, "transposed", [draw(5, 3)], lambda x: f(x[0].T))
    case(name, "strided slice", [draw(11, 3)], lambda x: f(x[0][1::3]))
    case(name, "expanded", [draw(3, 1)], lambda x: f(x[0].expand(3, 4)))
    case(name, "edges", [edges], lambda x: f(x[0]))


op("neg", torch.neg, -2, 2, [-0.7, -0.0, 0.0, 1.3, INF, -INF, NAN])
op("abs", torch.abs, 0.1, 2, [-0.7, -0.0, 0.0, 1.3, INF, -INF, NAN])
op("sign", torch.sign, 0.1, 2, [-0.7, -0.0, 0.0, 1.3, INF, -INF, NAN])
op("square", torch.square, -2, 2, [-0.7, 0.0, 1e-12, 1e12, INF, NAN])
op("sqrt", torch.sqrt, 0.2, 3, [0.0, 1e-12, 1e12, INF, -0.7, NAN])
op("rsqrt", torch.rsqrt, 0.2, 3, [1e-8, 1e8, INF, -0.7, NAN])
op("reciprocal", torch.reciprocal, 0.4, 2, [-0.7, 1e-8, 1e8, INF, NAN])
op("pow_number", lambda x: torch.pow(x, 2.5), 0.3, 2, [0.0, 1e-8, 1e8, -0.7, NAN])
op("exp", torch.exp, -2, 2, [0.0, -50.0, 50.0, -INF, INF, NAN])
op("expm1", torch.expm1, -2, 2, [0.0, 1e-12, -1e-12, -50.0, 50.0, INF, NAN])
op("log", torch.log, 0.2, 3, [1e-12, 1e12, INF, -0.7, NAN])
op("log1p", torch.log1p, -0.7, 2, [0.0, 1e-12, -1e-12, 1e12, -1.7, NAN])
op("sin", torch.sin, -3, 3, [0.0, 1e-12, -100.0, INF, NAN])
op("cos", torch.cos, -3, 3, [0.0, 1e-12, -100.0, INF, NAN])
op("erf", torch.erf, -2, 2, [0.0, 1e-12, -9.0, 9.0, INF, NAN])
op("tanh", torch.tanh, -2, 2, [0.0, 1e-12, -50.0, 50.0, INF, -INF, NAN])
op("sigmoid", torch.sigmoid, -3, 3, [0.0, -50.0, 50.0, -1000.0, 1000.0, INF, -INF, NAN])
op("relu", torch.relu, 0.1, 2, [-0.7, -0.0, 0.0, 1.3, INF, -INF, NAN])
op("leaky_relu", lambda x: F.leaky_relu(x, 0.15), -2, 2, [-0.7, -0.0, 0.0, 1.3, INF, -INF, NAN])
op("elu", lambda x: F.elu(x, 1.7), -2, 2, [-0.7, -0.0, 0.0, 1.3, -50.0, 1000.0, NAN])
op("gelu", F.gelu, -2, 2, [0.0, -9.0, 9.0, -100.0, 100.0, NAN])
op("gelu_tanh", lambda x: F.gelu(x, approximate="tanh"), -2, 2, [0.0, -9.0, 9.0, -100.0, 100.0, NAN])
op("silu", F.silu, -3, 3, [0.0, -50.0, 50.0, -1000.0, 1000.0, NAN])
op("softplus", lambda x: F.softplus(x, threshold=1e9), -3, 3, [0.0, -50.0, 50.0, -100.0, 700.0, NAN])
op("clamp", lambda x: torch.clamp(x, -0.75, 1.25), -0.7, 1.2, [-0.75, 1.25, -2.0, 2.0, INF, -INF, NAN])

# Both sides of each kink, none of them on it.
SIDES = [-1.9, -0.8, -0.3, 0.4, 0.9, 2.3]
case("abs", "both sides", [SIDES], lambda x: torch.abs(x[0]))
case("sign", "both sides", [SIDES], lambda x: torch.sign(x[0]))
case("relu", "both sides", [SIDES], lambda x: torch.relu(x[0]))
case("clamp", "both sides", [SIDES], lambda x: torch.clamp(x[0], -0.75, 1.25))
case("clamp", "no lower bound", [SIDES], lambda x: torch.clamp(x[0], max=0.5))
case("clamp", "no upper bound", [SIDES], lambda x: torch.clamp(x[0], min=0.5))
case("clamp", "bounds the wrong way round", [SIDES], lambda x: torch.clamp(x[0], 1.25, -0.75))
case("elu", "alpha below zero", [SIDES], lambda x: torch.where(x[0] > 0, x[0], -0.6 * torch.expm1(x[0])))
case("leaky_relu", "slope below zero", [SIDES], lambda x: F.leaky_relu(x[0], -0.4))
case("relu", "numbers beyond f32", [[-1e300, 1e300, 1e-300]], lambda x: torch.relu(x[0]))
case("sigmoid", "tails beyond f32", [[-700.0, 700.0, -36.5]], lambda x: torch.sigmoid(x[0]))
case("pow_number", "exponent zero", [[-0.7, 0.0, 1.3, INF]], lambda x: torch.pow(x[0], 0))
case("pow_number", "exponent one", [[-0.7, 0.0, 1.3]], lambda x: torch.pow(x[0], 1))
case("pow_number", "exponent two", [[-0.7, 0.0, 1.3]], lambda x: torch.pow(x[0], 2))
case("pow_number", "exponent three of both signs", [[-0.7, 0.4, 1.3]], lambda x: torch.pow(x[0], 3))
case("pow_number", "negative exponent", [[-0.7, 0.4, 1.3]], lambda x: torch.pow(x[0], -2))
case("pow_number", "negative exponent at zero", [[0.0, 0.4]], lambda x: torch.pow(x[0], -1.5))

I32 = torch.tensor([[-2**31, -7, 0], [5, 2**31 - 1, 1]], dtype=torch.int32)
I64 = torch.tensor([-2**53, -7, 0, 5, 2**53])
U8 = torch.tensor([0, 1, 7, 255], dtype=torch.uint8)
for name, f in (("neg", torch.neg), ("abs", torch.abs)):
    case(name, "i32", [I32], lambda x, f=f: f(x[0]), differentiable=False)
    case(name, "i64 transposed", [I64.reshape(1, 5)], lambda x, f=f: f(x[0].T), differentiable=False)
    case(name, "u8", [U8], lambda x, f=f: f(x[0]), differentiable=False)

# cast: what f32 holds comes back from there unchanged.
for name, shape in (("0-d", ()), ("no elements", (0, 3)), ("one element", (1,)), ("odd primes", (5, 7))):
    case("cast", name, [awkward(*shape)], lambda x: x[0] * 1)
case("cast", "transposed", [awkward(5, 3)], lambda x: x[0].T * 1)
case("cast", "strided slice", [awkward(11, 3)], lambda x: x[0][1::3] * 1)
case("cast", "expanded", [awkward(3, 1)], lambda x: x[0].expand(3, 4) * 1)
case("cast", "infinity and NaN", [[INF, -INF, NAN, -0.0]], lambda x: x[0] * 1)
REALS = [[-2.7, -0.4, 0.0], [0.6, 1.9, 100.5]]
case("cast", "real to i32", [REALS], lambda x: x[0].to(torch.int32), differentiable=False)
case("cast", "real to i64", [REALS], lambda x: x[0].to(torch.int64), differentiable=False)
case("cast", "real to bool", [REALS + [[NAN, INF, -0.0]]], lambda x: x[0].to(torch.bool), differentiable=False)
case("cast", "real beyond the range of i32", [[1e12, -1e12, INF, NAN]],
     lambda x: torch.tensor([2**31 - 1, -2**31, 2**31 - 1, 0], dtype=torch.int32), differentiable=False)
case("cast", "i64 to u8 wraps", [torch.tensor([-1, 256, 300, 7])], lambda x: x[0].to(torch.uint8), differentiable=False)
case("cast", "i64 to f64", [I64], lambda x: x[0].to(torch.float64), differentiable=False)
case("cast", "bool to i64", [torch.tensor([True, False])], lambda x: x[0].to(torch.int64), differentiable=False)
