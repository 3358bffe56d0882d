#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the files of weights in tests/formats/data with NumPy and safetensors (and PyTorch, for bf16).

Their values are by make_npy.py's rule; test_safetensors.c and test_npz.c know it.
"""
import json

import numpy
import safetensors.numpy
import safetensors.torch
import torch

from make_npy import DATA, RULES

METADATA = {"note": "Gr\u00fcn \"x\" \\ \n\U0001F600"}  # one alone: the order of several is by chance
ARRAYS = [  # name, dtype, shape
    ("conv1.weight", "<f4", (2, 3)),
    ("conv1.bias", "<f4", (2,)),
    ("fc.weight", "<f8", (3, 1, 2)),
    ("steps", "<i8", ()),
    ("index", "<i4", (4,)),
    ("pixels", "|u1", (2, 5)),
    ("mask", "|b1", (3,)),
    ("none", "<f4", (0, 3)),
]


def values(dtype, shape):
    count = int(numpy.prod(shape))
    return numpy.array([RULES[dtype[1]](k) for k in range(count)]).astype(dtype).reshape(shape)


def reals(*numbers):
    """As src/train/position.c has them."""
    return "".join(f" {numpy.float64(x).view('u8'):016x}" for x in numbers)


def write_checkpoint(path):
    texts = {"wengert.history": "2" + reals(1, 0.5, 2, numpy.nan),
             "wengert.position": "3 2 11 1 64 61 2 1 0" + reals(0.25, 16, 0.1, 0.25)}
    w = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
    header = json.dumps({"__metadata__": texts, "w": w}, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    path.write_bytes(len(header).to_bytes(8, "little") + header + values("<f4", (1,)).tobytes())


def main():
    arrays = {name: values(dtype, shape) for name, dtype, shape in ARRAYS}
    safetensors.numpy.save_file(arrays, DATA / "plain.safetensors")
    short = {
        "half": torch.tensor([0.0, -0.0, 1.5, -65504.0, 6e-8, -6.1e-5, numpy.inf, numpy.nan], dtype=torch.float16),
        "brain": torch.tensor([[0.0, -0.0, 1.5, -3e38], [1e-40, -1e-38, numpy.inf, numpy.nan]], dtype=torch.bfloat16),
        "single": torch.tensor([0.25]),
    }
    safetensors.torch.save_file(short, DATA / "short.safetensors", metadata=METADATA)
    write_checkpoint(DATA / "checkpoint.safetensors")
    numpy.savez(DATA / "stored.npz", **arrays)
    numpy.savez_compressed(DATA / "deflated.npz", **{k: a for k, a in arrays.items() if a.size != 1})


if __name__ == "__main__":
    main()
