#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the pictures in tests/formats/data by hand, with zlib alone; test_png.c knows the rule of their values. Also
the samples that only tests/fuzz reads."""
import gzip
import pathlib
import struct
import zlib

DATA = pathlib.Path(__file__).resolve().parent / "data"
WIDTH, HEIGHT = 5, 3
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
FILES = [  # name, colour type, bits, transparency
    ("grey1", 0, 1, b""),
    ("grey4", 0, 4, b""),
    ("grey8", 0, 8, b""),
    ("grey16", 0, 16, b""),
    ("grey8_key", 0, 8, struct.pack(">H", 37)),
    ("opacity8", 4, 8, b""),
    ("opacity16", 4, 16, b""),
    ("colour8", 2, 8, b""),
    ("colour16", 2, 16, b""),
    ("colour8_opacity", 6, 8, b""),
    ("colour16_opacity", 6, 16, b""),
    ("palette4", 3, 4, b""),
    ("palette8_opacity", 3, 8, bytes(range(0, 255, 17))),
]
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def sample(k, colour, bits):
    return k * 7 % 15 if colour == 3 else k * (4099 if bits == 16 else 37) % 2**bits


def rows(colour, bits, place):
    """Rows of the pixels at x, x + dx, ... and y, y + dy, ..., each behind a zero: no filter."""
    x, y, dx, dy = place
    channels, found = CHANNELS[colour], b""
    for i in range(y, HEIGHT, dy):
        text = ""
        for j in range(x, WIDTH, dx):
            for c in range(channels):
                text += format(sample((i * WIDTH + j) * channels + c, colour, bits), f"0{bits}b")
        if text:
            text += "0" * (-len(text) % 8)
            found += b"\0" + int(text, 2).to_bytes(len(text) // 8, "big")
    return found


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def picture(colour, bits, transparency, interlaced=False):
    places = ADAM7 if interlaced else [(0, 0, 1, 1)]
    pixels = b"".join(rows(colour, bits, place) for place in places)
    palette = bytes(value for i in range(15) for value in (16 * i, 255 - 16 * i, i))
    return (b"\x89PNG\r\n\x1a\n" +
            chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, bits, colour, 0, 0, interlaced)) +
            (chunk(b"PLTE", palette) if colour == 3 else b"") +
            (chunk(b"tRNS", transparency) if transparency else b"") +
            chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b""))


def main():
    for name, colour, bits, transparency in FILES:
        (DATA / f"{name}.png").write_bytes(picture(colour, bits, transparency))
    (DATA / "colour8_interlaced.png").write_bytes(picture(2, 8, b"", True))
    matrix = b"\0\0\x08\x02" + struct.pack(">II", 3, 4) + bytes(range(12))
    (DATA / "matrix.idx").write_bytes(matrix)
    (DATA / "matrix.idx.gz").write_bytes(gzip.compress(matrix, mtime=0))
    (DATA / "flowers.csv").write_bytes(b'id,length,"wide, ""w""",kind\r\n1,5.1,-3.5e-1,setosa\n2,,.5,"versi\ncolor"\n')


if __name__ == "__main__":
    main()
