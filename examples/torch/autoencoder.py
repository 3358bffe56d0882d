# SPDX-License-Identifier: MIT
"""autoencoder.c in PyTorch, without its picture."""
import torch
from torch import nn

import fashion

BATCH, EPOCHS, CODE = 128, 8, 32


def main():
    torch.manual_seed(1)
    images, unseen = (fashion.load(part)[0] / 255.0 for part in ("train", "t10k"))
    network = nn.Sequential(
        nn.Conv2d(1, 16, 3, stride=2, padding=1), nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU(),
        nn.Flatten(), nn.Linear(32 * 7 * 7, CODE), nn.Linear(CODE, 32 * 7 * 7), nn.ReLU(),
        nn.Unflatten(1, (32, 7, 7)),
        nn.ConvTranspose2d(32, 16, 2, stride=2), nn.ReLU(),
        nn.ConvTranspose2d(16, 1, 2, stride=2), nn.Sigmoid())
    optimiser = torch.optim.Adam(network.parameters())
    steps = EPOCHS * -(-len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 5e-3, steps, cycle_momentum=False)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(images)).split(BATCH):
            x = images[batch]
            loss = nn.functional.mse_loss(network(x), x)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    with torch.no_grad():
        error = sum(nn.functional.mse_loss(network(x), x).item() * len(x) for x in unseen.split(BATCH))
    print(f"ok: {error / len(unseen):.5f} mean squared error of unseen images")


main()
