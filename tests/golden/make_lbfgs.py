#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/golden/lbfgs.h: where torch.optim.LBFGS has brought a few params in float64 after
each of its calls. tests/train/test_lbfgs.c records the same losses.

    python3 tests/golden/make_lbfgs.py
"""

import math
import pathlib

import torch

CALLS = 4


def wave(*shape, by, at):
    count = math.prod(shape)
    return torch.tensor([math.sin(by * k + at) for k in range(count)], dtype=torch.float64).reshape(shape)


def rosenbrock(p):
    a, b = p
    return (1 - a) ** 2 + 100 * (b - a * a) ** 2


def least_squares(p):
    return ((wave(8, 3, by=1.3, at=0.2) @ p - wave(8, by=0.7, at=0.5)) ** 2).mean()


def network(p):
    """mse of tanh(x w + b) v, w 2 x 2, b 2, v 2 x 1, and 0.02 times the squares of all."""
    h = torch.tanh(wave(12, 2, by=1.1, at=0.3) @ p[:4].reshape(2, 2) + p[4:6])
    return ((h @ p[6:].reshape(2, 1) - wave(12, 1, by=2.3, at=0.1)) ** 2).mean() + 0.02 * (p**2).sum()


LOSSES = {"rosenbrock": (rosenbrock, [-1.2, 1.0]),
          "least squares": (least_squares, [0.3, -0.4, 0.7]),
          "network": (network, wave(8, by=1.7, at=0.4).tolist())}
SETTINGS = {"searched": dict(line_search_fn="strong_wolfe"),
            "searched, few": dict(line_search_fn="strong_wolfe", history_size=2, max_iter=5, max_eval=7, lr=0.5),
            "not searched": dict(lr=0.1, max_iter=6),
            "not searched, few": dict(lr=0.05, history_size=3, max_iter=8, max_eval=5, tolerance_change=1e-6)}


def row(loss, settings):
    of, start = LOSSES[loss]
    p = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimiser, places = torch.optim.LBFGS([p], **SETTINGS[settings]), []

    def closure():
        optimiser.zero_grad()
        value = of(p)
        value.backward()
        return value

    for _ in range(CALLS):
        before = optimiser.step(closure).item()
        state = optimiser.state[p]
        numbers = p.detach().tolist() + [0.0] * (8 - len(p))
        places.append(f"      {{{before!r}, {state['n_iter']}, {state['func_evals']},\n       {{"
                      + ",\n        ".join(map(repr, numbers)) + "}}")
    return f'    {{"{loss}", "{settings}",\n     {{\n' + ",\n".join(places) + "}},"


if __name__ == "__main__":
    head = ["// SPDX-License-Identifier: MIT",
            "/* PyTorch's values for test_lbfgs.c, by make_lbfgs.py. */",
            "static const struct {", "    const char *loss, *settings;",
            "    struct {", "        double before;", "        int    iterations, evaluations;",
            "        double reached[8];", f"    }} call[{CALLS}];", "} lbfgs_runs[] = {"]
    rows = [row(loss, settings) for loss in LOSSES for settings in SETTINGS]
    path = pathlib.Path(__file__).with_name("lbfgs.h")
    path.write_text("\n".join(head + rows + ["};", ""]))
