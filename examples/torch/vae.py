# SPDX-License-Identifier: MIT
"""vae.c in PyTorch, without its pictures."""
import torch
from torch import nn

import fashion

BATCH, EPOCHS, CODE, HIDDEN, PIXELS = 128, 12, 16, 400, 28 * 28


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(PIXELS, HIDDEN)
        self.mean, self.log_variance = nn.Linear(HIDDEN, CODE), nn.Linear(HIDDEN, CODE)
        self.decoder = nn.Sequential(nn.Linear(CODE, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, PIXELS))

    def forward(self, x):
        """The loss in nats an image."""
        h = torch.relu(self.encoder(x))
        mean, log_variance = self.mean(h), self.log_variance(h)
        code = mean + torch.exp(log_variance / 2) * torch.randn_like(mean)
        drawn = nn.functional.binary_cross_entropy_with_logits(self.decoder(code), x, reduction="sum")
        far = (mean.square() + log_variance.exp() - log_variance - 1).sum() / 2
        return (drawn + far) / len(x)


def main():
    torch.manual_seed(1)
    images, unseen = (fashion.load(part)[0].flatten(1) / 255.0 for part in ("train", "t10k"))
    network = Network()
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(images)).split(BATCH):
            loss = network(images[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    with torch.no_grad():
        bound = sum(network(x).item() * len(x) for x in unseen.split(BATCH)) / len(unseen)
    print(f"ok: {bound:.2f} nats an unseen image")


main()
