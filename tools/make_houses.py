#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes data/houses/houses.csv: 2,000 houses that never were, by a formula, with noise and with fields left empty.

    tools/make_houses.py

Python's own random numbers, of a fixed seed: the same file each time.
"""
import csv
import math
import pathlib
import random
import sys

TARGET = pathlib.Path(__file__).resolve().parent.parent / "data" / "houses" / "houses.csv"
DISTRICTS = {"harbour": 1.3, "hills": 1.6, "mill town": 0.8, "old town": 1.1, "station": 0.9}
ROWS, MISSING, NOISE = 2000, 0.05, 0.08


def house(draw):
    """A row; the price, in thousands, is noisy by 8 %."""
    district = draw.choice(sorted(DISTRICTS))
    area = 35 + 165 * draw.random()
    rooms = max(1, round(area / 28 + draw.gauss(0, 0.8)))
    age = draw.randrange(0, 120)
    distance = 12 * draw.random()
    price = DISTRICTS[district] * (30 + 2.4 * area + 12 * rooms)
    price *= (0.7 + 0.3 * math.cos(math.pi * age / 60)) / (1 + distance / 10)
    price *= math.exp(NOISE * draw.gauss(0, 1))
    return {"area": f"{area:.0f}", "rooms": rooms, "age": age, "distance": f"{distance:.1f}",
            "district": district, "price": f"{price:.1f}"}


def main():
    if "--help" in sys.argv:
        print(__doc__)
        return
    draw = random.Random(5)
    rows = [house(draw) for _ in range(ROWS)]
    for row in rows:
        for name in "area", "rooms", "age", "distance":
            if draw.random() < MISSING:
                row[name] = ""
    with TARGET.open("w", newline="", encoding="ascii") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
