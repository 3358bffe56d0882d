# SPDX-License-Identifier: MIT
"""softmax_cnn.c in PyTorch: its second part, which learns."""
import torch
from torch import nn

import fashion

BATCH, EPOCHS, RATE = 32, 3, 0.1


def main():
    torch.manual_seed(1)
    images, classes = fashion.load("train")
    unseen, wanted = fashion.load("t10k")
    images, unseen = images / 255.0, unseen / 255.0
    network = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 26 * 26, 10))
    optimiser = torch.optim.SGD(network.parameters(), lr=RATE)
    for _ in range(EPOCHS):
        for x, y in zip(images.split(BATCH), classes.split(BATCH)):
            loss = nn.functional.cross_entropy(network(x), y)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    print(f"ok: {fashion.right(network, unseen, wanted):.2f} % of unseen images right")


main()
