# SPDX-License-Identifier: MIT
"""The workloads: names, first weights, inputs, and the work in a step.

Weights are named as the PyTorch modules of torch_worker.py name them; networks.c and jax_worker.py
use the same names. A weight's first values are even between +-1 / sqrt(fan), those of a
normalisation 1 and 0, those of an embedding normal.
"""

import math

import numpy as np


class Workload:
    """label: "W3 fashion-cnn"; name: what the workers call it; weights and inputs: name to shape,
    inputs with the number of classes where they are classes; flops: of a step; bytes: that a step
    must at least move, where that and not flops is its limit; tolerance: of its gradients, between
    two that compute in float32."""

    def __init__(self, label, name, weights, inputs, flops=0, bytes=0, tolerance=1e-4):
        self.label, self.name, self.weights, self.inputs = label, name, weights, inputs
        self.flops, self.bytes, self.tolerance = flops, bytes, tolerance

    def values(self, seed=0):
        """Name to array, for all inputs and weights."""
        random = np.random.default_rng(seed)
        found = {}
        for name, (shape, classes) in self.inputs.items():
            if classes:
                found[name] = random.integers(0, classes, shape)
            elif name == "y":  # the probability of one image
                found[name] = np.ones(shape, np.float32)
            else:
                found[name] = random.standard_normal(shape).astype(np.float32)
        fan = 0
        for name, shape in self.weights.items():
            found[name], fan = first_values(name, shape, fan, random)
        return found


def first_values(name, shape, fan, random):
    """Of one weight, and the fan for the bias that follows it."""
    if name == "a":  # small enough for the chain not to end in a fixed point, without gradient
        return np.float64(0.006), 0
    if name in ("x", "e.weight", "p.weight"):
        return random.standard_normal(shape).astype(np.float32), 0
    if len(shape) > 1:
        fan = math.prod(shape[1:])
    elif name.endswith("weight"):
        return np.ones(shape, np.float32), 0
    bound = 1 / math.sqrt(fan) if fan else 0
    return random.uniform(-bound, bound, shape).astype(np.float32), fan


def dense(name, inputs, outputs):
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}


def conv(name, channels, filters):
    return {f"{name}.weight": (filters, channels, 3, 3), f"{name}.bias": (filters,)}


def norm(name, channels):
    return {f"{name}.weight": (channels,), f"{name}.bias": (channels,)}


FASHION = {**conv("c1", 1, 32), **conv("c2", 32, 64), **dense("f1", 3136, 128), **dense("f2", 128, 10)}


def resnet20_weights():
    found = {"n.0.weight": (16, 3, 3, 3), **norm("n.1", 16)}
    channels = 16
    for i in range(9):
        filters = 16 << i // 3
        block = f"n.{i + 3}"
        found |= {f"{block}.c1.weight": (filters, channels, 3, 3), **norm(f"{block}.b1", filters),
                  f"{block}.c2.weight": (filters, filters, 3, 3), **norm(f"{block}.b2", filters)}
        if filters != channels:
            found |= {f"{block}.d.0.weight": (filters, channels, 1, 1),
                      **norm(f"{block}.d.1", filters)}
        channels = filters
    return found | dense("f", 64, 10)


def gpt_weights():
    found = {"e.weight": (256, 256), "p.weight": (128, 256)}
    for i in range(4):
        b = f"bl.{i}"
        found |= {**norm(f"{b}.l1", 256), **dense(f"{b}.qkv", 256, 768), **dense(f"{b}.o", 256, 256),
                  **norm(f"{b}.l2", 256), **dense(f"{b}.a", 256, 1024), **dense(f"{b}.b", 1024, 256)}
    return found | norm("ln", 256) | {"hd.weight": (256, 256)}


# Floating-point operations: a multiply-add is two; a training step does a product three times, but
# for the first layer, whose input needs no gradient.

def step_flops(*products):
    """Of (multiply-adds, is the first layer) for each product of the forward run."""
    return sum(2 * adds * (2 if first else 3) for adds, first in products)


def fashion_adds(batch):
    return [batch * 784 * 32 * 9, batch * 196 * 64 * 32 * 9, batch * 3136 * 128, batch * 1280]


def resnet20_products(batch):
    size, channels, products = 32, 16, [(batch * 1024 * 16 * 27, True)]
    for i in range(9):
        filters = 16 << i // 3
        size //= 2 if filters != channels else 1
        products += [(batch * size**2 * filters * channels * 9, False),
                     (batch * size**2 * filters * filters * 9, False)]
        if filters != channels:
            products.append((batch * size**2 * filters * channels, False))
        channels = filters
    return products + [(batch * 640, False)]


def gpt_products(batch, context=128, width=256):
    words = batch * context
    dense_layers = 4 * words * width * width * (3 + 1 + 4 + 4)
    scores = 4 * 2 * batch * width * context * (context + 1) // 2  # causal: half of them
    return [(dense_layers, False), (scores, False), (words * width * 256, False)]


def lstm_products(batch, steps=64, inputs=64, hidden=128):
    return [(batch * steps * inputs * 4 * hidden, True),
            (batch * steps * hidden * 4 * hidden, False), (batch * hidden * 10, False)]


def images(batch, channels, side):
    return {"x": ((batch, channels, side, side), 0), "y": ((batch,), 10)}


LECTURE = {**conv("c", 1, 1), **dense("f", 4, 1)}
LECTURE_INPUTS = {"x": ((1, 1, 6, 6), 0), "y": ((1, 1), 0)}
SOFTMAX = {**conv("c", 1, 8), **dense("f", 5408, 10)}
PLAIN_MLP = {**dense("0", 784, 512), **dense("2", 512, 256), **dense("4", 256, 10)}
LSTM = {"l.weight_ih_l0": (512, 64), "l.weight_hh_l0": (512, 128), "l.bias_ih_l0": (512,),
        "l.bias_hh_l0": (512,), **dense("f", 128, 10)}


# A ReLU at rounding distance from 0 that falls to the other side in one of the last layers changes
# the gradient by half a percent: PyTorch in float32 is as far from PyTorch in float64.
KINKS = 3e-2


def softmax_flops(batch):
    return step_flops((batch * 676 * 8 * 9, True), (batch * 54080, False))


def fashion_flops(batch):
    first, *rest = fashion_adds(batch)
    return step_flops((first, True), *((adds, False) for adds in rest))


WORKLOADS = [
    Workload("W1 lecture", "lecture", LECTURE, LECTURE_INPUTS),
    Workload("W1 lecture recorded anew", "lecture-anew", LECTURE, LECTURE_INPUTS),
    Workload("W2 softmax-cnn b1", "softmax-cnn-b1", SOFTMAX, images(1, 1, 28), softmax_flops(1)),
    Workload("W2 softmax-cnn b32", "softmax-cnn-b32", SOFTMAX, images(32, 1, 28), softmax_flops(32)),
    Workload("W3 fashion-cnn", "fashion-cnn", FASHION, images(64, 1, 28), fashion_flops(64)),
    Workload("W4 mlp", "mlp", PLAIN_MLP, {"x": ((128, 784), 0), "y": ((128,), 10)},
             step_flops((128 * 784 * 512, True), (128 * 512 * 256, False), (128 * 2560, False))),
    Workload("W5 resnet20", "resnet20", resnet20_weights(), images(32, 3, 32),
             step_flops(*resnet20_products(32)), tolerance=KINKS),
    Workload("W6 gpt", "gpt", gpt_weights(), {"x": ((8, 128), 256), "y": ((1024,), 256)},
             step_flops(*gpt_products(8))),
    Workload("W7 elementwise", "elementwise", {"x": (1000000,)}, {}, bytes=8000000),
    Workload("W8 scalar recorded anew", "scalar-anew", {"a": ()}, {}),
    Workload("W8 scalar replayed", "scalar", {"a": ()}, {}),
    Workload("W9 lstm", "lstm", LSTM, {"x": ((32, 64, 64), 0), "y": ((32,), 10)},
             step_flops(*lstm_products(32))),
    Workload("W10 inference b1", "inference-b1", FASHION, {"x": ((1, 1, 28, 28), 0)},
             2 * sum(fashion_adds(1))),
    Workload("W10 inference b256", "inference-b256", FASHION, {"x": ((256, 1, 28, 28), 0)},
             2 * sum(fashion_adds(256))),
]
