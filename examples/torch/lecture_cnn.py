# SPDX-License-Identifier: MIT
"""lecture_cnn.c in PyTorch: its second part, which learns sneakers and bags."""
import torch
from torch import nn

import fashion

STEPS, RATE = 60000, 0.05


def samples(part):
    """Images of 6 x 6 means, f64 (n, 1, 6, 6), and 0 for a sneaker, 1 for a bag, else -1."""
    images, classes = fashion.load(part, fashion.SMALL)
    place = torch.arange(28) * 6 // 28
    rows = nn.functional.one_hot(place).double()
    means = rows.T @ images.double() @ rows / (28 * 28 * 255 / 36)
    return means, torch.where((classes == 7) | (classes == 8), classes - 7, -1)


def main():
    torch.manual_seed(1)
    torch.set_default_dtype(torch.float64)
    network = nn.Sequential(nn.Conv2d(1, 1, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                            nn.Linear(4, 1), nn.Sigmoid())
    optimiser = torch.optim.SGD(network.parameters(), lr=RATE)
    x, y = samples("train")
    for i in range(STEPS):
        k = i % len(x)
        if y[k] < 0:
            continue
        loss = nn.functional.binary_cross_entropy(network(x[k:k + 1]), y[k:k + 1, None].double())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    x, y = samples("t10k")
    x, y = x[y >= 0], y[y >= 0]
    with torch.no_grad():
        hits = ((network(x)[:, 0] > 0.5) == (y > 0)).sum().item()
    print(f"ok: {hits} of {len(y)} unseen sneakers and bags right")


main()
