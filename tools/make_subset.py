#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes data/fashion-mnist-small: the first 2,000 training and the first 500 test images of Fashion-MNIST.

    tools/make_subset.py [FOLDER]

FOLDER holds the whole set, by default where Debian's package dataset-fashion-mnist puts it. The same files give
the same bytes (with the same zlib). Prints how many images there are of each class.
"""
import collections
import gzip
import pathlib
import struct
import sys

SOURCE = "/usr/share/datasets/fashion-mnist"
TARGET = pathlib.Path(__file__).resolve().parent.parent / "data" / "fashion-mnist-small"
COUNTS = {"train": 2000, "t10k": 500}


def first(packed, count):
    """The first `count` items of a gzip'ed IDX file, as (IDX bytes, the items' bytes)."""
    data = gzip.decompress(packed)
    rank = data[3]
    sizes = struct.unpack_from(f">{rank}I", data, 4)
    item = 1
    for size in sizes[1:]:
        item *= size
    values = data[4 + 4 * rank:][:count * item]
    assert data[:3] == b"\0\0\x08" and len(values) == count * item
    return data[:4] + struct.pack(f">{rank}I", count, *sizes[1:]) + values, values


def main():
    if "--help" in sys.argv:
        print(__doc__)
        return
    source = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else SOURCE)
    TARGET.mkdir(parents=True, exist_ok=True)
    for part, count in COUNTS.items():
        for kind in "images-idx3-ubyte", "labels-idx1-ubyte":
            name = f"{part}-{kind}.gz"
            idx, values = first((source / name).read_bytes(), count)
            packed = gzip.compress(idx, compresslevel=9, mtime=0)
            (TARGET / name).write_bytes(packed)
            print(f"{name}: {len(packed)} bytes")
        print(f"{part} images of each class:", *(n for _, n in sorted(collections.Counter(values).items())))


if __name__ == "__main__":
    main()
