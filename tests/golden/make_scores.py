#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes scores.h: what PyTorch makes of scores and labels, and of numbers predicted and wanted. Needs torch."""

import pathlib
import textwrap

import torch
from torch.nn import functional as f

from golden import awkward

SAMPLES, CLASSES = 40, 6


def samples():
    """Scores and labels, half of them right. Class 5 is none's, class 4 is never found."""
    labels = (torch.arange(SAMPLES) * 7 + torch.arange(SAMPLES) // 5) % (CLASSES - 1)
    logits = awkward(SAMPLES, CLASSES)
    logits[torch.arange(0, SAMPLES, 2), labels[::2]] += 2.5
    logits[:, 4] -= 5
    return logits, labels


def share(part, whole):
    return torch.where(whole > 0, part / whole.clamp(min=1), 0.0)


def of_classes(logits, labels):
    confused = torch.bincount(labels * CLASSES + logits.argmax(1), minlength=CLASSES**2).reshape(CLASSES, CLASSES)
    right = confused.diagonal().double()
    precision, recall = share(right, confused.sum(0)), share(right, confused.sum(1))
    both = precision + recall
    f1 = torch.where(both > 0, 2 * precision * recall / both, 0.0)
    order = logits.topk(CLASSES, 1).indices == labels[:, None]
    yield "confused", confused.reshape(-1)
    yield "top", torch.stack([order[:, :k].any(1).double().mean() for k in range(1, CLASSES + 1)])
    for name, values in {"precision": precision, "recall": recall, "f1": f1}.items():
        yield name, torch.cat([values.mean()[None], values])
    yield "perplexity", f.cross_entropy(logits, labels).exp()[None]


def of_numbers(predicted, wanted):
    squares = ((predicted - wanted) ** 2).sum()
    yield "fit", torch.stack([f.mse_loss(predicted, wanted), f.l1_loss(predicted, wanted),
                              1 - squares / ((wanted - wanted.mean()) ** 2).sum()])


def table(name, values):
    whole = not values.is_floating_point()
    lines = textwrap.wrap(", ".join(map(repr, values.reshape(-1).tolist())), 96)
    return f"static const {'int64_t' if whole else 'double'} {name}[{values.numel()}] = {{\n    " \
        + "\n    ".join(lines) + "};\n"


def main():
    torch.set_default_dtype(torch.float64)
    logits, labels = samples()
    predicted, wanted = awkward(SAMPLES), awkward(SAMPLES, low=98.0, high=103.0)
    predicted = wanted + predicted / 3
    parts = ["// SPDX-License-Identifier: MIT\n"
             "/* Scores by PyTorch, made by make_scores.py; of a class: the mean over all, then each. */\n"]
    parts += [table(f"score_{name}", t) for name, t in [
        ("logits", logits), ("labels", labels), ("predicted", predicted), ("wanted", wanted)]]
    parts += [table(f"golden_{name}", t) for name, t in of_classes(logits, labels)]
    parts += [table(f"golden_{name}", t) for name, t in of_numbers(predicted, wanted)]
    pathlib.Path(__file__).with_name("scores.h").write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
