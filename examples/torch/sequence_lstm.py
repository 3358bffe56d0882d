# SPDX-License-Identifier: MIT
"""sequence_lstm.c in PyTorch."""
import torch
from torch import nn

BATCH, HIDDEN, MEASURED, LENGTH, STEPS = 64, 64, 20, 100, 3000


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.sum = nn.LSTM(2, HIDDEN, batch_first=True), nn.Linear(HIDDEN, 1)

    def forward(self, x):
        return self.sum(self.lstm(x)[1][0][0])


def mark():
    places = torch.randint(LENGTH // 2, (BATCH,))
    return nn.functional.one_hot(places, LENGTH // 2).float()


def error_of(network):
    """The mean squared error for new sequences."""
    numbers, marks = torch.rand(BATCH, LENGTH), torch.cat([mark(), mark()], 1)
    wanted = (numbers * marks).sum(1, keepdim=True)
    return nn.functional.mse_loss(network(torch.stack([numbers, marks], 2)), wanted)


def main():
    torch.manual_seed(1)
    network = Network()
    optimiser = torch.optim.Adam(network.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.01, STEPS, cycle_momentum=False)
    for _ in range(STEPS):
        error = error_of(network)
        optimiser.zero_grad()
        error.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1)
        optimiser.step()
        schedule.step()
    with torch.no_grad():
        reached = sum(error_of(network).item() for _ in range(MEASURED)) / MEASURED
    print(f"ok: mean squared error {reached:.5f}")


main()
