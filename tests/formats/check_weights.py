#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Weights go to Python and come back: NumPy reads our committed .npz, and random arrays that Python wrote, passed
through the program `convert` between all kinds of files named, are the same bits when Python reads them again. Without
the packages that these kinds need the test is skipped.

    check_weights.py CONVERT npz|safetensors...
"""
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy
    if "safetensors" in sys.argv:
        import safetensors.numpy as safetensors
except ImportError as missing:
    print(missing)
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parent
DTYPES = ["<f4", "<f8", "<i4", "<i8", "|u1", "|b1"]
SHAPES = [(), (1,), (0, 3), (7, 5), (2, 3, 4, 5), (1, 2, 1, 2, 1, 2, 1, 2)]
checks = 0


def same(got, wanted, what):
    """The same names, dtypes, shapes and bits."""
    global checks
    assert sorted(got) == sorted(wanted), f"{what}: {sorted(got)}"
    for name, array in wanted.items():
        assert got[name].dtype == array.dtype and got[name].shape == array.shape, f"{what}: {name}"
        assert got[name].tobytes() == array.tobytes(), f"{what}: {name}"
        checks += 1


def random_arrays():
    random = numpy.random.default_rng(5)
    arrays = {}
    for dtype in DTYPES:
        for k, shape in enumerate(SHAPES):
            values = random.standard_normal(shape) * 1e3
            values = values > 0 if dtype == "|b1" else values % 256 if dtype == "|u1" else values
            arrays[f"layer{k}.\u0394 {dtype[1:]}"] = numpy.asarray(values).astype(dtype)
    return arrays


def npz_of(path):
    with numpy.load(path) as archive:
        return {name: archive[name] for name in archive.files}


def main(convert, kinds):
    ways = {"npz": (lambda path, arrays: numpy.savez(path, **arrays), npz_of),
            "compressed.npz": (lambda path, arrays: numpy.savez_compressed(path, **arrays), None)}
    ways = ways if "npz" in kinds else {}
    if "safetensors" in kinds:
        ways["safetensors"] = (lambda path, arrays: safetensors.save_file(arrays, path), safetensors.load_file)
        same(safetensors.load_file(ROOT / "data" / "plain.safetensors"), npz_of(ROOT / "data" / "ours.npz"), "ours")
    same(npz_of(ROOT / "data" / "stored.npz"), npz_of(ROOT / "data" / "ours.npz"), "ours.npz")
    arrays = random_arrays()
    with tempfile.TemporaryDirectory() as folder:
        for one, (write, _) in ways.items():
            for other, (_, read) in ways.items():
                if read:
                    paths = [f"{folder}/from.{one}", f"{folder}/to.{other}"]
                    write(paths[0], arrays)
                    subprocess.run([convert, *paths], check=True)
                    same(read(paths[1]), arrays, f"{one} to {other}")
    print(f"checks: {checks} passed, 0 failed")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
