# SPDX-License-Identifier: MIT
"""What came out, as text, JSON and SVG."""

import datetime
import html
import importlib.metadata
import json
import math
import os
import platform
import statistics
import subprocess

KEYS = ["workload", "threads", "ours_us", "peers", "fastest", "ratio", "gflops", "peak_share",
        "memory_mb", "by_hand_us", "by_onednn"]


def number(value, digits=3):
    """With so many significant digits and commas; "-" for None."""
    if value is None:
        return "-"
    if value >= 10**(digits - 1):
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            name = next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.machine()
    return f"{name}, {len(os.sched_getaffinity(0))} cores"


def versions():
    """Of what was measured against, and of the compiler."""
    found = []
    for package in ("torch", "jax", "numpy"):
        try:
            found.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            pass
    said = subprocess.run(["cc", "--version"], check=False, capture_output=True, text=True).stdout
    return ", ".join(found + said.splitlines()[:1])


def cells(row, peers, ways):
    share = row["peak_share"]
    return [row["workload"], str(row["threads"]), number(row["ours_us"]),
            *(number(row["peers"].get(name)) for name in peers), number(row["by_hand_us"]),
            *(number(row["by_onednn"].get(name)) for name in ways), number(row["ratio"]),
            number(row["gflops"]), f"{share:.0%}" if share else "-", number(row["memory_mb"])]


def show_lines(lines):
    widths = [max(map(len, column)) for column in zip(*lines)]
    for line in lines:
        print("| " + " | ".join(cell.ljust(w) if i == 0 else cell.rjust(w)
                                for i, (cell, w) in enumerate(zip(line, widths))) + " |")
        if line is lines[0]:
            print("|" + "|".join("-" * (w + 1) + (":" if i else "-")
                                 for i, w in enumerate(widths)) + "|")


def show(rows, machine):
    """The table, below what machine and versions it is of."""
    day = datetime.datetime.fromtimestamp(machine["started"]).strftime("%Y-%m-%d %H:%M")
    print(f"{day}; {processor()}; {versions()}")
    for threads, (compute, memory) in machine["peaks"].items():
        print(f"{threads} thread{'s' if threads > 1 else ''}: peak {compute:.0f} GFLOP/s, "
              f"triad {memory:.0f} GB/s")
    peers = [name for name in machine["peers"] if any(name in row["peers"] for row in rows)]
    ways = list(dict.fromkeys(name for row in rows for name in row["by_onednn"]))
    head = ["workload", "threads", "ours us", *peers, "by hand", *ways, "ratio", "GFLOP/s", "of peak",
            "MB"]
    show_lines([head] + [cells(row, peers, ways) for row in rows])
    ratios = [row["ratio"] for row in rows if row["ratio"]]
    if ratios:
        print(f"ratio to the fastest peer: median {statistics.median(ratios):.2f}, "
              f"least {min(ratios):.2f}")


def write_json(rows, path):
    kept = [{key: row[key] for key in KEYS} for row in rows]
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


# The chart: a bar a row, as long as the ratio's logarithm, to the right of 1 where we are ahead.
LEFT, SCALE, LINE = 230, 90, 22  # pixels: of names, of a factor of ten, of a row


def bar(row, i, middle):
    ratio = min(max(row["ratio"], 0.01), 10000)
    length = SCALE * math.log10(ratio)
    y, colour = 34 + i * LINE, "#2a7f62" if ratio >= 1 else "#b8472f"
    name = html.escape(f"{row['workload']}, {row['threads']}")
    text = html.escape(f"{row['ratio']:.3g} ({row['fastest']})")
    end = middle + max(length, 0) + 6
    return (f'<text x="{LEFT - 10}" y="{y + 12}" text-anchor="end">{name}</text>'
            f'<rect x="{middle + min(length, 0):.1f}" y="{y}" width="{abs(length):.1f}" height="15" '
            f'fill="{colour}"/><text x="{end:.1f}" y="{y + 12}">{text}</text>')


def write_svg(rows, path):
    """Ratios as bars on a logarithmic axis."""
    shown = [row for row in rows if row["ratio"]]
    least = min([row["ratio"] for row in shown] + [0.5])
    middle = LEFT + SCALE * max(0.3, -math.log10(max(least, 0.01)))
    height, width = 48 + LINE * len(shown), int(middle + 4 * SCALE + 160)
    lines = [f'<line x1="{middle + SCALE * e}" x2="{middle + SCALE * e}" y1="24" y2="{height - 10}" '
             f'stroke="#ccc"/><text x="{middle + SCALE * e}" y="18" text-anchor="middle">{10**e:g}'
             f'</text>' for e in range(5)]
    bars = [bar(row, i, middle) for i, row in enumerate(shown)]
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>\n'
        + "\n".join(lines + bars) + "\n</svg>\n", encoding="utf-8")
