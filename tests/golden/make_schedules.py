#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes schedules.h: the rates of PyTorch's schedulers, and where a cycled momentum leads. Needs torch."""

import pathlib
import textwrap
import warnings

import torch
from torch.optim import lr_scheduler as s

STEPS = 40
SCHEDULES = {
    "steps": (0.3, lambda o: s.StepLR(o, 7, 0.5)),
    "milestones": (0.3, lambda o: s.MultiStepLR(o, [3, 11, 30], 0.2)),
    "exponential": (0.3, lambda o: s.ExponentialLR(o, 0.93)),
    "cosine": (0.3, lambda o: s.CosineAnnealingLR(o, STEPS, 0.01)),
    "restarts": (0.3, lambda o: s.CosineAnnealingWarmRestarts(o, 5, 2, 0.02)),
    "one_cycle": (0.1, lambda o: s.OneCycleLR(o, 0.1, total_steps=STEPS, cycle_momentum=False)),
    "warm_up": (0.3, lambda o: s.SequentialLR(
        o, [s.LinearLR(o, 0.25, 1.0, 6), s.CosineAnnealingLR(o, STEPS - 6, 0.01)], [6])),
}
VALUES = [3, 2, 2.5, 2, 2, 2, 1.99999, 1.5, 1.5, 1.6, 1.7, 1.8, 1.9, 1, 1, 1, 1, 1, 1, 1, float("nan"), 0.9, 2, 2,
          2]
START = [0.35, -1.2, 2.1, -0.04, 0.9]
CYCLED = {  # their momentum, or beta1, goes from 0.95 to 0.85 and back
    "sgd": lambda p: torch.optim.SGD(p, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, momentum=0.9, nesterov=True, weight_decay=0.1),
    "rmsprop": lambda p: torch.optim.RMSprop(p, momentum=0.9),
    "adam": lambda p: torch.optim.Adam(p),
    "adamw": lambda p: torch.optim.AdamW(p, weight_decay=0.3),
}
SMALL = [float("inf"), float("inf"), 1, 1, 1, 1]  # with so small a rate that it is soon left alone


def optimiser(rate):
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)


def rates(rate, make):
    found, o = [], optimiser(rate)
    schedule = make(o)
    for _ in range(STEPS):
        found.append(o.param_groups[0]["lr"])
        o.step()
        schedule.step()
    return found


def momenta():
    o = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], momentum=0.9)
    schedule, found = s.OneCycleLR(o, 0.1, total_steps=STEPS), []
    for _ in range(STEPS):
        found.append(o.param_groups[0]["momentum"])
        o.step()
        schedule.step()
    return found


def reached(make):
    p = torch.tensor(START, requires_grad=True)
    o = make([p])
    schedule = s.OneCycleLR(o, 0.05, total_steps=STEPS)
    for _ in range(STEPS):
        o.zero_grad()
        (p**4 / 4 - 1.3 * p**2 + 0.7 * p).sum().backward()
        o.step()
        schedule.step()
    return p.tolist()


def plateau(rate, values, **settings):
    o = optimiser(rate)
    schedule = s.ReduceLROnPlateau(o, **settings)
    found = []
    for value in values:
        schedule.step(value)
        found.append(o.param_groups[0]["lr"])
    return found


def table(name, values):
    words = ["NAN" if v != v else repr(float(v)) for v in values]
    lines = textwrap.wrap(", ".join(words), 96)
    return f"static const double {name}[{len(words)}] = {{\n    " + "\n    ".join(lines) + "};\n"


def main():
    warnings.simplefilter("ignore")
    torch.set_default_dtype(torch.float64)
    parts = ["// SPDX-License-Identifier: MIT\n"
             "/* The rates of PyTorch's schedulers: made by make_schedules.py. */\n#include <math.h>\n"]
    parts += [table(f"golden_{name}", rates(*made)) for name, made in SCHEDULES.items()]
    parts += [table("golden_one_cycle_momentum", momenta()), table("cycled_start", START)]
    parts += [table(f"golden_cycled_{name}", reached(make)) for name, make in CYCLED.items()]
    parts += [table("plateau_values", VALUES),
              table("golden_absolute_plateau", plateau(0.3, VALUES, factor=0.5, patience=1, threshold=0.4,
                                                       threshold_mode="abs")),
              table("golden_plateau", plateau(0.3, VALUES, factor=0.5, patience=2, cooldown=1, min_lr=0.01)),
              table("golden_small_plateau", plateau(3e-8, SMALL, patience=0))]
    folder = pathlib.Path(__file__).resolve().parent
    (folder / "schedules.h").write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
