#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/golden/optimisers.h: where PyTorch's optimisers have brought five numbers, in
float64, after 1, 2 and 50 steps. tests/nn/test_optimisers.c records the same loss.

    python3 tests/golden/make_optimisers.py
"""

import pathlib

import torch

class Lion:
    """As its authors' optimizer in github.com/google/automl: decay, then the sign, then the mean."""

    def __init__(self, params, rate=0.05, beta1=0.9, beta2=0.99, decay=0.0):
        (self.p,), self.m = params, torch.zeros(len(START), dtype=torch.float64)
        self.rate, self.beta1, self.beta2, self.decay = rate, beta1, beta2, decay

    def zero_grad(self):
        self.p.grad = None

    @torch.no_grad()
    def step(self):
        g = self.p.grad
        sign = torch.sign(self.beta1 * self.m + (1 - self.beta1) * g)
        self.p.mul_(1 - self.rate * self.decay).sub_(self.rate * sign)
        self.m = self.beta2 * self.m + (1 - self.beta2) * g


START = [0.35, -1.2, 2.1, -0.04, 0.9]
STEPS = [1, 2, 50]
OPTIMISERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.05),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
    "adam": lambda p: torch.optim.Adam(p, lr=0.05),
    "adam with betas": lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.6, 0.75), eps=1e-3),
    "adam with decay": lambda p: torch.optim.Adam(p, lr=0.05, weight_decay=0.3),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.05, weight_decay=0.3),
    "sgd with decay": lambda p: torch.optim.SGD(p, lr=0.05, weight_decay=0.3),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8, nesterov=True, weight_decay=0.1),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.05),
    "rmsprop with all": lambda p: torch.optim.RMSprop(p, lr=0.05, alpha=0.8, eps=0.1, momentum=0.7, centered=True,
                                                      weight_decay=0.1),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.05),
    "adagrad with decays": lambda p: torch.optim.Adagrad(p, lr=0.05, lr_decay=0.2, weight_decay=0.1, eps=1e-4),
    "adadelta": lambda p: torch.optim.Adadelta(p, lr=0.05),
    "adadelta with decay": lambda p: torch.optim.Adadelta(p, lr=0.05, rho=0.7, eps=1e-2, weight_decay=0.1),
    "lion": Lion,
    "lion with decay": lambda p: Lion(p, beta1=0.8, beta2=0.6, decay=0.3),
}


def loss(p):
    return (p**4 / 4 - 1.3 * p**2 + 0.7 * p).sum()


def row(name, make):
    p = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimiser, reached = make([p]), []
    for step in range(1, STEPS[-1] + 1):
        optimiser.zero_grad()
        loss(p).backward()
        optimiser.step()
        if step in STEPS:
            reached.append(p.detach().tolist())
    places = ",\n".join("      {" + ",\n       ".join(map(repr, place)) + "}" for place in reached)
    return f'    {{"{name}",\n     {{\n{places}}}}},'


if __name__ == "__main__":
    head = ["// SPDX-License-Identifier: MIT",
            "/* PyTorch's values for test_optimisers.c, by make_optimisers.py. */",
            "static const double optimiser_start[] = {" + ", ".join(map(str, START)) + "};",
            "static const int optimiser_steps[] = {" + ", ".join(map(str, STEPS)) + "};",
            "static const struct {", "    const char *name;", "    double      reached[3][5];",
            "} optimisers[] = {"]
    rows = [row(name, make) for name, make in OPTIMISERS.items()]
    path = pathlib.Path(__file__).with_name("optimisers.h")
    path.write_text("\n".join(head + rows + ["};", ""]))
