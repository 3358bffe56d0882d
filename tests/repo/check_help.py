#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each program and each script that is to be run by people shows with --help how it is used, and does nothing else.

    check_help.py ROOT PROGRAM...
"""
import glob
import os
import subprocess
import sys
import tempfile

import lint

SCRIPTS = ['scripts/*.sh', '.ci/run', 'bench/run', 'bench/install-peers', 'examples/compare', 'tools/*.py']
NEEDS_MORE_THAN_PYTHON = {'minimax.py'}


def check(program, report):
    """In an empty folder, which must stay empty."""
    with tempfile.TemporaryDirectory() as place:
        done = subprocess.run([program, '--help'], cwd=place, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60, check=False)
        report.check(done.returncode == 0 and not done.stderr, f'{program} --help: {done.returncode}, {done.stderr}')
        report.check(os.path.basename(program) in done.stdout, f'{program} --help: does not say how it is used')
        report.check(not os.listdir(place), f'{program} --help: leaves files behind')


def main():
    root, *programs = sys.argv[1:]
    report = lint.Report()
    for pattern in SCRIPTS:
        programs += sorted(path for path in glob.glob(os.path.join(root, pattern))
                           if os.path.basename(path) not in NEEDS_MORE_THAN_PYTHON)
    for program in map(os.path.abspath, programs):
        check(program, report)
    return report.close()


if __name__ == '__main__':
    sys.exit(main())
