# SPDX-License-Identifier: MIT
"""Fashion-MNIST as tensors, for the programs beside."""
import gzip
import pathlib

import torch

FOLDER = pathlib.Path("/usr/share/datasets/fashion-mnist")
SMALL = pathlib.Path(__file__).resolve().parents[2] / "data" / "fashion-mnist-small"


def load(part, folder=FOLDER):
    """Images (n, 1, 28, 28) of 0 to 255, u8, and classes (n,), i64; part is "train" or "t10k"."""
    def values(kind, head):
        data = gzip.decompress((folder / f"{part}-{kind}-ubyte.gz").read_bytes())
        return torch.frombuffer(bytearray(data[head:]), dtype=torch.uint8)

    return values("images-idx3", 16).view(-1, 1, 28, 28), values("labels-idx1", 8).long()


def right(network, images, classes, batch=500):
    """How many percent of the images a network tells right."""
    network.eval()
    with torch.no_grad():
        hits = sum((network(x).argmax(1) == y).sum().item()
                   for x, y in zip(images.split(batch), classes.split(batch)))
    return 100 * hits / len(classes)
