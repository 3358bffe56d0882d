#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The shared library exports what the public headers declare with WG_API: all of it, nothing else, each named wg_.

    check_symbols.py ROOT LIBRARY
"""
import subprocess
import sys

import lint


def exported_by(library):
    """Names of the library's dynamic symbols, without those that the address sanitizer adds."""
    lines = subprocess.run(['nm', '-D', '--defined-only', '--format=posix', library],
                           check=True, capture_output=True, text=True).stdout.splitlines()
    names = {line.split()[0].split('@')[0] for line in lines}
    return {name for name in names if not name.startswith('__odr_asan')}


def declared_in(root):
    """Each declared name and the header that declares it."""
    return {name: header for header in lint.public_headers(root)
            for _, name in lint.exported_declarations(lint.read(root, header))}


def main(root, library):
    report = lint.Report()
    exported, declared = exported_by(library), declared_in(root)
    for name in sorted(exported):
        report.check(name.startswith('wg_') and not name.startswith('wg__'),
                     f'{name}: exported, but does not start with wg_ (or starts with wg__)')
        report.check(name in declared, f'{name}: exported, but in no public header')
    for name, header in sorted(declared.items()):
        report.check(name in exported, f'{header}: {name} is declared with WG_API, but not exported')
    report.check(exported, f'{library}: exports nothing')
    return report.close()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
