#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes schedules.h: the rates of PyTorch's schedulers. Needs torch."""

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
    parts += [table("plateau_values", VALUES),
              table("golden_plateau", plateau(0.3, VALUES, factor=0.5, patience=2, cooldown=1, min_lr=0.01)),
              table("golden_small_plateau", plateau(3e-8, SMALL, patience=0))]
    folder = pathlib.Path(__file__).resolve().parent
    (folder / "schedules.h").write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
