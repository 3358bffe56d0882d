#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/golden/updates.h: what PyTorch makes of the network of tests/nn/test_updates.c in
float64: two param groups of one optimiser, and averages of the weights.

    python3 tests/golden/make_updates.py
"""

import math
import pathlib

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

STEPS = 50


def wave(*shape, by, at):
    count = math.prod(shape)
    return torch.tensor([math.sin(by * k + at) for k in range(count)], dtype=torch.float64).reshape(shape)


class Network(torch.nn.Module):
    """mse of tanh(x w + b) v"""

    def __init__(self):
        super().__init__()
        self.w = torch.nn.Parameter(wave(2, 3, by=1.7, at=0.4))
        self.b = torch.nn.Parameter(wave(3, by=0.9, at=0.1))
        self.v = torch.nn.Parameter(wave(3, 1, by=2.1, at=0.6))

    def loss(self):
        h = torch.tanh(wave(8, 2, by=1.1, at=0.3) @ self.w + self.b)
        return ((h @ self.v - wave(8, 1, by=2.3, at=0.1)) ** 2).mean()

    def numbers(self):
        return torch.cat([p.detach().flatten() for p in self.parameters()])


def train(make, follow=None):
    net = Network()
    optimiser = make(net)
    for _ in range(STEPS):
        optimiser.zero_grad()
        net.loss().backward()
        optimiser.step()
        if follow:
            follow(net)
    return net.numbers()


def grouped(kind, first, rest):
    return train(lambda net: kind([dict(params=[net.b, net.v], **first), dict(params=[net.w], **rest)]))


def averaged(of):
    """The average as `of` makes it of the net, after 50 steps of plain descent."""
    kept = []

    def follow(net):
        if not kept:
            kept.append(of(net))
        kept[0].update_parameters(net)

    train(lambda net: torch.optim.SGD(net.parameters(), lr=0.1), follow)
    return kept[0].module.numbers()


class Weighted:
    """a += weight(n) (p - a), n from 1: what no class of PyTorch does."""

    def __init__(self, net, weight):
        self.module, self.weight, self.n = Network(), weight, 0

    @torch.no_grad()
    def update_parameters(self, net):
        self.n += 1
        for a, p in zip(self.module.parameters(), net.parameters()):
            a += self.weight(self.n) * (p - a) if self.n > 1 else p - a


CASES = {
    "grouped_sgd": lambda: grouped(torch.optim.SGD, dict(lr=0.02, momentum=0.9), dict(lr=0.1, weight_decay=0.05)),
    "grouped_adamw": lambda: grouped(torch.optim.AdamW, dict(lr=0.02, weight_decay=0.0),
                                     dict(lr=0.01, weight_decay=0.3, betas=(0.8, 0.95))),
    "average_plain": lambda: averaged(lambda net: AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.95))),
    "average_even": lambda: averaged(AveragedModel),
    "average_corrected": lambda: averaged(lambda net: Weighted(net, lambda n: 0.05 / (1 - 0.95**n))),
    "average_warm_up": lambda: averaged(lambda net: Weighted(net, lambda n: 1 - min(0.95, n / (9 + n)))),
}

if __name__ == "__main__":
    lines = ["// SPDX-License-Identifier: MIT", "/* PyTorch's values for test_updates.c, by make_updates.py. */"]
    for name, make in CASES.items():
        lines += [f"static const double {name}[12] = {{", ",\n".join("    " + repr(x) for x in make().tolist()) + "};"]
    pathlib.Path(__file__).with_name("updates.h").write_text("\n".join(lines + [""]))
