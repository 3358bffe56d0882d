#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sums the single checks of a test run, from Meson's testlog.json, into a last line "N passed, M failed".

Each test program prints one line "checks: N passed, M failed". One that printed none, or that came to a bad end
with no failed check, counts as one failure; a skipped one counts nothing. A program of the folder "examples" prints
what it has to show, and is one check. A run without any check has failed.
"""
import json
import os
import pathlib
import re
import sys

LINE = re.compile(r'^checks: (\d+) passed, (\d+) failed$', re.MULTILINE)


def count(test):
    """Passed and failed checks of one test program, and what is wrong with it, if anything."""
    if test['result'] == 'SKIP':
        return 0, 0, None
    if 'examples' in pathlib.PurePath(test['command'][0]).parts:
        return (1, 0, None) if test['result'] == 'OK' else (0, 1, f'ended with {test["result"]}')
    lines = LINE.findall(test.get('stdout') or '')
    if len(lines) != 1:
        return 0, 1, f'printed {len(lines)} lines "checks: N passed, M failed" instead of one'
    passed, failed = map(int, lines[0])
    if test['result'] != 'OK' and failed == 0:
        return passed, 1, f'ended with {test["result"]}'
    if test['result'] == 'OK' and failed > 0:
        return passed, failed, 'had failed checks, yet ended well'
    return passed, failed, None if failed == 0 else f'{failed} failed checks'


def main(log):
    passed = failed = skipped = 0
    tests = []
    if os.path.exists(log):
        with open(log, encoding='utf-8') as lines:
            tests = [json.loads(line) for line in lines]
    for test in tests:
        good, bad, wrong = count(test)
        passed, failed, skipped = passed + good, failed + bad, skipped + (test['result'] == 'SKIP')
        if wrong:
            print(f'{test["name"]}: {wrong}')
    print(f'{len(tests)} test programs, {skipped} skipped')
    if not tests:
        print('no test ran')
    print(f'{passed} passed, {failed} failed')
    return 0 if passed > 0 and failed == 0 else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
