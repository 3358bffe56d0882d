# SPDX-License-Identifier: MIT
"""byte_gpt.c in PyTorch."""
import math
import pathlib

import torch
from torch import nn
from torch.nn import functional

BATCH, WINDOW, WIDTH, HEADS, LAYERS, STEPS, RATE = 32, 64, 96, 4, 3, 1000, 3e-3
NAMES = "Apache-2.0 Artistic CC0-1.0 GFDL-1.3 GPL-3 LGPL-2.1 MPL-2.0".split()


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.linear1, self.linear2 = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        nn.init.xavier_uniform_(self.qkv.weight)
        for bias in self.qkv.bias, self.out.bias:
            nn.init.zeros_(bias)

    def forward(self, x):
        shape = x.shape[0], x.shape[1], 3, HEADS, WIDTH // HEADS
        q, k, v = self.qkv(self.norm1(x)).view(shape).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(seen.transpose(1, 2).reshape(x.shape))
        hidden = functional.gelu(self.linear1(self.norm2(x)))
        return x + self.linear2(hidden)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.byte, self.place = nn.Embedding(256, WIDTH), nn.Parameter(torch.zeros(WINDOW, WIDTH))
        nn.init.normal_(self.byte.weight, std=0.02)
        nn.init.normal_(self.place, std=0.02)
        self.blocks = nn.Sequential(*(Block() for _ in range(LAYERS)))
        self.end = nn.Sequential(nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 256))

    def forward(self, text):
        return self.end(self.blocks(self.byte(text) + self.place))


def load():
    """Nine tenths of each text, and the last tenths."""
    seen, unseen = b"", b""
    for name in NAMES:
        text = pathlib.Path("/usr/share/common-licenses", name).read_bytes()
        cut = len(text) - len(text) // 10
        seen, unseen = seen + text[:cut], unseen + text[cut:]
    return (torch.frombuffer(bytearray(text), dtype=torch.uint8).long() for text in (seen, unseen))


def loss_of(network, windows):
    scores = network(windows[:, :-1])
    return functional.cross_entropy(scores.reshape(-1, 256), windows[:, 1:].reshape(-1))


def rate_of(step):
    warm = STEPS // 20
    if step < warm:
        return step / warm
    return (1 + math.cos(math.pi * (step - warm) / (STEPS - warm))) / 2


def main():
    torch.manual_seed(1)
    seen, unseen = load()
    network = Network()
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, rate_of)
    places = torch.arange(WINDOW + 1)
    for _ in range(STEPS):
        first = torch.randint(len(seen) - WINDOW, (BATCH, 1))
        loss = loss_of(network, seen[first + places])
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1)
        optimiser.step()
        schedule.step()
    network.eval()
    with torch.no_grad():
        count = len(unseen) // (BATCH * (WINDOW + 1)) * BATCH
        batches = unseen[:count * (WINDOW + 1)].view(-1, BATCH, WINDOW + 1)
        bits = sum(loss_of(network, batch).item() for batch in batches) / len(batches) / math.log(2)
    print(f"ok: {bits:.3f} bits for a byte of unseen text")


main()
