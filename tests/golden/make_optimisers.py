#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/golden/optimisers.h: where PyTorch's optimisers have brought five numbers, in
float64, after 1, 2 and 50 steps. tests/nn/test_optimisers.c records the same loss.

    python3 tests/golden/make_optimisers.py
"""

import pathlib

import torch

START = [0.35, -1.2, 2.1, -0.04, 0.9]
STEPS = [1, 2, 50]
OPTIMISERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.05),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
    "adam": lambda p: torch.optim.Adam(p, lr=0.05),
    "adam with betas": lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.6, 0.75), eps=1e-3),
    "adam with decay": lambda p: torch.optim.Adam(p, lr=0.05, weight_decay=0.3),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.05, weight_decay=0.3),
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
