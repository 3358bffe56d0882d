# SPDX-License-Identifier: MIT
"""W11 and W12: what a new process needs to its first gradient, and memory above that at the start.

Each measurement is a process of its own. In the rows of W12 the peers' figures are megabytes, and
the ratio is that of memory.
"""

import os
import statistics
import subprocess
import sys
import time

import contest
from workloads import WORKLOADS

STEPS = 4  # after which the peak is read


def wanted(options, label):
    words = [word.lower() for word in options.workloads]
    return not words or label.lower() in words


def empty(label, threads):
    return {"workload": label, "threads": threads, "ours_us": None, "peers": {}, "fastest": None,
            "ratio": None, "gflops": None, "peak_share": None, "memory_mb": None, "by_hand_us": None, "by_onednn": {},
            "agrees": True}


def started(command, turns):
    """Median seconds from the start of the process to its end, its output read."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    times = []
    for _ in range(turns):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=environment)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def cold_start(options, peers):
    row = empty("W11 cold start", 1)
    row["ours_us"] = started([str(options.build / "bench" / "step"), "first"], 21) * 1e6
    for name, command in peers.items():
        if name in ("torch eager", "jax"):
            row["peers"][name] = started([sys.executable, command[1], "first"], 3) * 1e6
    row["fastest"] = min(row["peers"], key=row["peers"].get, default=None)
    if row["fastest"]:
        row["ratio"] = row["peers"][row["fastest"]] / row["ours_us"]
    return row


def peak(name, command, workload, folder, threads):
    """Megabytes above those at the start, after some steps; None where it does not run."""
    worker = contest.Worker(name, command, threads)
    try:
        worker.ask(f"load {workload.name} {folder}")
        worker.ask(f"go {STEPS}")
        return float(worker.ask("memory")) / 1e6
    except RuntimeError:
        return None
    finally:
        worker.close()


def memory(options, peers, workload, folder, threads):
    row = empty(f"W12 memory {workload.name} (MB)", threads)
    inside = folder / f"memory-{workload.name}"
    inside.mkdir()
    contest.write_values(workload, inside)
    ours = [str(options.build / "bench" / "step")]
    row["memory_mb"] = peak("ours", ours, workload, inside, threads)
    for name, command in peers.items():
        if contest.has_step(name, workload) and "compile" not in name \
                and not (options.quick and name == "jax"):
            row["peers"][name] = peak(name, command, workload, inside, threads)
    row["peers"] = {name: value for name, value in row["peers"].items() if value}
    row["fastest"] = min(row["peers"], key=row["peers"].get, default=None)
    if row["fastest"] and row["memory_mb"]:
        row["ratio"] = row["peers"][row["fastest"]] / row["memory_mb"]
    return row


def rows(options, peers, folder, threads):
    found = [cold_start(options, peers)] if wanted(options, "W11") else []
    if wanted(options, "W12"):
        found += [memory(options, peers, workload, folder, threads) for workload in WORKLOADS
                  if workload.name in ("resnet20", "gpt")]
    return found
