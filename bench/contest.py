# SPDX-License-Identifier: MIT
"""The contest: workers are started, their results compared, and their steps timed in turn."""

import math
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

import memory
import networks
from workloads import WORKLOADS

HERE = pathlib.Path(__file__).resolve().parent
TOLERANCE = 1e-4  # of the loss, relative
LIMIT = 300  # seconds for an answer
# Ours too, but not what a program gets that does not ask: with --onednn.
BY_ONEDNN = {"by oneDNN": "onednn", "Winograd": "winograd"}


class Worker:
    """A program that steps one workload at our word; see worker.h."""

    def __init__(self, name, command, threads):
        self.name, self.command = name, command
        cores = sorted(os.sched_getaffinity(0))[-threads:]
        environment = {**os.environ, "OMP_NUM_THREADS": str(threads),
                       "MKL_NUM_THREADS": str(threads)}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, env=environment, preexec_fn=lambda: os.sched_setaffinity(0, cores))

    def ask(self, words):
        """The answer; raises RuntimeError with the reason where there is none."""
        try:
            self.process.stdin.write(words + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline().strip()
        except OSError:
            answer = ""
        if not answer:
            raise RuntimeError("it ended")
        if answer.startswith("error: "):
            raise RuntimeError(answer[7:])
        return answer

    def go(self, steps):
        """Seconds of a step, the mean of so many."""
        return float(self.ask(f"go {steps}")) / steps

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.kill()
        self.process.wait()


def has(module):
    return subprocess.run([sys.executable, "-c", f"import {module}"], check=False,
                          capture_output=True).returncode == 0


def adolc(folder):
    """The command of ADOL-C's program, compiled here; None without ADOL-C."""
    program = folder / "adolc"
    parts = [HERE / "worker.c", HERE / "measure.c"]
    objects = [str(folder / (part.stem + ".o")) for part in parts]
    commands = [["cc", "-O2", "-c", str(part), "-o", made] for part, made in zip(parts, objects)]
    commands.append(["c++", "-O3", "-march=native", str(HERE / "adolc.cpp"), *objects, "-ladolc",
                     "-o", str(program)])
    for command in commands:
        if shutil.which(command[0]) is None \
                or subprocess.run(command, check=False, capture_output=True).returncode:
            return None
    return [str(program)]


def find_peers(options, folder):
    """Name to command of all peers that are here; says which are not."""
    peers, missing = {}, []
    python = [sys.executable]
    if has("torch"):
        modes = ["eager", "channels-last"] + ([] if options.quick else ["compile", "compile-channels-last"])
        for mode in modes:
            peers[f"torch {mode}"] = python + [str(HERE / "torch_worker.py"), mode]
    else:
        missing.append("PyTorch")
    if has("jax"):
        peers["jax"] = python + [str(HERE / "jax_worker.py")]
    else:
        missing.append("JAX")
    command = adolc(folder)
    if command:
        peers["adol-c"] = command
    else:
        missing.append("ADOL-C")
    for name in missing:
        print(f"{name} is not installed and left out; see bench/install-peers")
    return peers


def measure_peaks(options, threads):
    """GFLOP/s and GB/s."""
    cores = sorted(os.sched_getaffinity(0))[-threads:]
    said = subprocess.run([str(options.build / "bench" / "peaks"), str(threads)], check=True,
                          capture_output=True, text=True,
                          preexec_fn=lambda: os.sched_setaffinity(0, cores)).stdout
    return [float(word) for word in said.split()]


def distance(got, wanted, whole):
    """|got - wanted| over |wanted|, of a gradient that is no mere rounding of the whole one."""
    return float(np.linalg.norm(got - wanted) / max(np.linalg.norm(wanted), 1e-5 * whole, 1e-30))


def compare(ours, theirs, tolerance):
    """What differs most, as (difference over tolerance, difference, name), of output and
    gradients."""
    names = sorted(path.name for path in theirs.glob("*.npy"))
    arrays = {name[:-4]: [np.load(folder / name).astype(float).ravel() for folder in (ours, theirs)]
              for name in names}
    loss, wanted = arrays.pop("output")
    whole = math.sqrt(sum(np.linalg.norm(pair[1])**2 for pair in arrays.values()))
    found = [(distance(loss, wanted, 0), TOLERANCE, "output")]
    found += [(distance(*pair, whole), tolerance, name) for name, pair in arrays.items()]
    return max((difference / allowed, difference, name) for difference, allowed, name in found)


def steps_for(worker, seconds):
    """As many steps as fill so many seconds."""
    steps = 1
    while True:
        took = worker.go(steps) * steps
        if took > seconds / 4:
            return max(1, round(steps * seconds / took))
        steps = max(2 * steps, int(steps * seconds / 2 / max(took, 1e-9)) if took > 1e-4 else 10 * steps)


def has_step(name, workload):
    """Has a peer a step for the workload? Channels-last is for images; a chain of a thousand scalars
    is not compiled in reasonable time, and what is compiled is not recorded anew."""
    scalar = workload.name.startswith("scalar")
    if name.endswith("channels-last"):
        return len(workload.inputs.get("x", [()])[0]) == 4
    if name == "torch compile":
        return not scalar
    if name == "jax":
        return workload.name not in ("scalar-anew", "random")
    if name == "adol-c":
        return scalar
    return name != "by hand" or scalar or workload.name.startswith("lecture")


class Contest:
    """One workload with one number of threads."""

    def __init__(self, workload, threads, options, folder):
        self.workload, self.threads, self.options, self.folder = workload, threads, options, folder

    def enter(self, name, command):
        """A worker that has loaded the workload and written its gradients, or None."""
        results = self.folder / name.replace(" ", "-")
        results.mkdir()
        worker = Worker(name, command, self.threads)
        try:
            worker.ask(f"load {self.workload.name} {self.folder}")
            worker.ask(f"check {results}")
            return worker
        except RuntimeError as reason:
            print(f"{self.workload.label}: {name} is left out: {reason}")
            worker.close()
            return None

    def check(self, worker, reference):
        """Do they agree? Else the worker is not measured."""
        share, difference, where = compare(self.folder / reference,
                                           self.folder / worker.name.replace(" ", "-"),
                                           self.workload.tolerance)
        if share <= 1:
            return True
        print(f"{self.workload.label}: {reference} and {worker.name} differ by {difference:.1e} in {where}")
        return False

    def time(self, ours, others):
        """Name to the seconds of a step in each turn: ours, another, ours, the next, ..."""
        chunk = 0.06 if self.options.quick else 0.2
        turns = self.options.turns or (3 if self.options.quick else 9)
        steps = {worker: steps_for(worker, chunk) for worker in [ours] + others}
        times = {worker.name: [] for worker in [ours] + others}
        for _ in range(turns):
            for other in others or [None]:
                times[ours.name].append(ours.go(steps[ours]))
                if other:
                    times[other.name].append(other.go(steps[other]))
        return {name: statistics.median(values) for name, values in times.items()}


def write_values(workload, folder):
    for name, array in workload.values().items():
        np.save(folder / f"{name}.npy", array)


def contend(contest, peers):
    """The row of one workload and number of threads; None where ours does not run."""
    workload, folder = contest.workload, contest.folder
    write_values(workload, folder)
    programs = contest.options.build / "bench"
    ours = contest.enter("ours", [str(programs / "step")])
    if not ours:
        return None
    programs_of = {**peers, "by hand": [str(programs / "by_hand")]}
    if contest.options.onednn:
        programs_of |= {name: [str(programs / "step"), word] for name, word in BY_ONEDNN.items()}
    entered = [contest.enter(name, command) for name, command in programs_of.items()
               if has_step(name, workload)]
    others = [worker for worker in entered if worker]
    agreeing = [worker for worker in others if contest.check(worker, "ours")]
    times = contest.time(ours, agreeing)
    megabytes = float(ours.ask("memory")) / 1e6
    for worker in [ours] + others:
        worker.close()
    return row(contest, times, megabytes) | {"agrees": len(agreeing) == len(others)}


def row(contest, times, megabytes):
    """What is printed and written of a contest."""
    workload, own = contest.workload, times["ours"]
    peers = {name: seconds * 1e6 for name, seconds in times.items()
             if name not in ("ours", "by hand", *BY_ONEDNN)}
    fastest = min(peers, key=peers.get, default=None)
    hand = times.get("by hand")
    return {"workload": workload.label, "threads": contest.threads, "ours_us": own * 1e6,
            "peers": peers, "fastest": fastest,
            "ratio": peers[fastest] / (own * 1e6) if fastest else None,
            "gflops": workload.flops / own * 1e-9 if workload.flops else None,
            "memory_mb": megabytes,
            "by_hand_us": hand * 1e6 if hand else None,
            "by_onednn": {name: times[name] * 1e6 for name in BY_ONEDNN if name in times}}


def set_shares(held, peaks):
    """Of the best peaks, as those before a single workload may have been taken in a bad moment."""
    for workload, found in held:
        compute, memory = peaks[found["threads"]]
        least = max(workload.flops / compute, workload.bytes / memory) * 1e-3
        found["peak_share"] = least / found["ours_us"] or None


def words_for(workload):
    """What the command line may call it: "W3", "fashion-cnn", "W3 fashion-cnn"."""
    return {workload.label.lower(), workload.name, workload.label.split()[0].lower()}


def chosen(options):
    """The workloads of the command line; all when it names none."""
    wanted = {word.lower() for word in options.workloads}
    unknown = wanted - {"w11", "w12"}.union(*map(words_for, WORKLOADS))
    if unknown:
        sys.exit(f"no workload is called {', '.join(unknown)}; there are "
                 + ", ".join(workload.label for workload in WORKLOADS) + ", W11, W12")
    return [workload for workload in WORKLOADS if not wanted or wanted & words_for(workload)]


def hold(options):
    """All contests: their rows, and what the machine is."""
    everything = len(os.sched_getaffinity(0))
    threads = options.threads or ([1] if options.quick or everything == 1 else [1, everything])
    todo = networks.random(options) if options.random is not None else chosen(options)
    held, machine = [], {"started": time.time(), "peaks": {}}
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        peers = find_peers(options, folder)
        machine["peers"] = sorted(peers)
        for count in threads:
            for workload in todo:
                inside = folder / f"{workload.label.replace(' ', '-')}-{count}"
                inside.mkdir()
                peaks = measure_peaks(options, count)  # the machine is not the same all the time
                best = machine["peaks"].get(count, peaks)
                machine["peaks"][count] = list(map(max, peaks, best))
                found = contend(Contest(workload, count, options, inside), peers)
                shutil.rmtree(inside)
                if found:
                    held.append((workload, found))
                    print(".", end="", file=sys.stderr, flush=True)
        set_shares(held, machine["peaks"])
        rows = [found for _, found in held]
        if options.random is None:
            rows += memory.rows(options, peers, folder, threads[0])
    print(file=sys.stderr)
    return rows, machine
