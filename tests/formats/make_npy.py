#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the .npy files in tests/formats/data with NumPy. test_npy.c knows the rule of their values."""
import pathlib

import numpy

DATA = pathlib.Path(__file__).resolve().parent / "data"
RULES = {
    "f": lambda k: (k - 2) * 1.1,
    "i": lambda k: (k - 2) * 16909061,  # 0x01020305: each byte differs
    "u": lambda k: k * 37 % 256,
    "b": lambda k: k % 3 == 1,
}
FILES = [  # name, dtype, shape, order, version
    ("f4_little", "<f4", (2, 3), "C", (1, 0)),
    ("f4_big", ">f4", (2, 3), "C", (1, 0)),
    ("f4_little_fortran", "<f4", (2, 3, 4), "F", (1, 0)),
    ("f2_little", "<f2", (2, 3), "C", (1, 0)),
    ("f2_big_fortran", ">f2", (3, 2), "F", (1, 0)),
    ("f8_little", "<f8", (5,), "C", (1, 0)),
    ("f8_big_fortran", ">f8", (3, 2), "F", (1, 0)),
    ("i4_little", "<i4", (4,), "C", (1, 0)),
    ("i4_big", ">i4", (2, 2), "C", (2, 0)),
    ("i8_little_fortran", "<i8", (2, 3), "F", (3, 0)),
    ("i8_big", ">i8", (3,), "C", (1, 0)),
    ("u1", "|u1", (2, 5), "C", (1, 0)),
    ("b1_fortran", "|b1", (3, 4), "F", (1, 0)),
    ("rank0", "<f8", (), "C", (1, 0)),
    ("rank8", "<i4", (1, 2, 1, 2, 1, 2, 1, 2), "C", (1, 0)),
    ("rank8_fortran", "<f4", (2, 1, 2, 1, 3, 1, 1, 2), "F", (1, 0)),
    ("empty", "<f4", (0, 3), "C", (1, 0)),
]


def main():
    DATA.mkdir(exist_ok=True)
    for name, dtype, shape, order, version in FILES:
        count = int(numpy.prod(shape))
        values = numpy.array([RULES[dtype[1]](k) for k in range(count)]).astype(dtype)
        array = numpy.asarray(values.reshape(shape), order=order)
        with open(DATA / f"{name}.npy", "wb") as file:
            numpy.lib.format.write_array(file, array, version=version)


if __name__ == "__main__":
    main()
