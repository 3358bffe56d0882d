# SPDX-License-Identifier: MIT
"""csv_regression.c in PyTorch."""
import csv
import pathlib

import torch
from torch import nn

BATCH, EPOCHS, NUMBERS = 50, 40, ["area", "rooms", "age", "distance"]
FILE = pathlib.Path(__file__).resolve().parents[2] / "data" / "houses" / "houses.csv"


class Network(nn.Module):
    def __init__(self, districts):
        super().__init__()
        self.district = nn.Embedding(districts, 4)
        self.layers = nn.Sequential(nn.Linear(2 * len(NUMBERS) + 4, 64), nn.ReLU(),
                                    nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))

    def forward(self, numbers, district):
        there = torch.nan_to_num(numbers), numbers.isnan().float()
        return self.layers(torch.cat([*there, self.district(district)], 1))[:, 0]


def load():
    """Numbers (n, 4) with NaN where one is missing, districts and prices (n,)."""
    with FILE.open(encoding="ascii") as file:
        rows = list(csv.DictReader(file))
    names = sorted({row["district"] for row in rows})
    return (torch.tensor([[float(row[name] or "nan") for name in NUMBERS] for row in rows]),
            torch.tensor([names.index(row["district"]) for row in rows]),
            torch.tensor([float(row["price"]) for row in rows]))


def main():
    torch.manual_seed(1)
    numbers, district, price = load()
    seen, unseen = torch.randperm(len(price)).split([1600, 400])
    mean = numbers[seen].nanmean(0)
    numbers = (numbers - mean) / (numbers[seen] - mean).square().nanmean(0).sqrt()
    unit = price[seen].std()
    price = (price - price[seen].mean()) / unit
    network = Network(int(district.max()) + 1)
    optimiser = torch.optim.AdamW(network.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.01, EPOCHS * len(seen) // BATCH,
                                                   cycle_momentum=False)
    for _ in range(EPOCHS):
        for batch in seen[torch.randperm(len(seen))].split(BATCH):
            loss = nn.functional.mse_loss(network(numbers[batch], district[batch]), price[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    with torch.no_grad():
        error = (network(numbers[unseen], district[unseen]) - price[unseen]).square().mean()
    print(f"RMSE {unit * error.sqrt():.2f}")
    print(f"ok: R2 {1 - error / price[unseen].var(correction=0):.4f}")


main()
