#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The installed library works: `meson install` into an empty place, then a C and a C++ program are built against it
through pkg-config, with the shared and with the static library, and run.

    check_install.py ROOT BUILD CC...
"""
import os
import shutil
import subprocess
import sys
import tempfile

import lint

STRICT = ['-Wall', '-Wextra', '-Wpedantic', '-Werror']


def run(report, what, command, **settings):
    """Runs a command as one check; prints what it said when it failed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **settings)
    report.check(done.returncode == 0, f'{what}: {" ".join(command)}\n{done.stdout}')
    return done.stdout if done.returncode == 0 else None


def find(place, name):
    """The folder below `place` that holds a file of this name."""
    return next((folder for folder, _, names in os.walk(place) if name in names), None)


def languages(root, c_compiler):
    """Name, compiler and source of each program. C++ is left out, aloud, where there is no compiler for it."""
    yield 'C', c_compiler + ['-std=c11'], os.path.join(root, 'tests/repo/consumer.c')
    cpp = next((name for name in ('g++', 'clang++', 'c++') if shutil.which(name)), None)
    if cpp:
        yield 'C++', [cpp, '-std=c++17'], os.path.join(root, 'tests/repo/consumer.cpp')
    else:
        print('no C++ compiler: the header is not tried in C++')


def try_program(report, name, compile_, place, config):
    """Builds and runs one program against what lies in `place`, shared and static."""
    library = find(place, 'libwengert.a')
    program = os.path.join(place, 'consumer')
    flags = run(report, 'pkg-config', config + ['--cflags', '--libs', 'wengert'])
    static = run(report, 'pkg-config --static', config + ['--cflags', '--libs', '--static', 'wengert'])
    if flags is None or static is None:
        return
    for kind, words in (('shared', flags.split()),
                        ('static', ['-l:libwengert.a' if word == '-lwengert' else word for word in static.split()])):
        if run(report, f'{name}, {kind}', compile_ + STRICT + ['-o', program] + words) is not None:
            path = {'LD_LIBRARY_PATH': library} if kind == 'shared' else {}
            run(report, f'{name}, {kind}, run', [program], env={**os.environ, **path})


def main(root, build, *c_compiler):
    report = lint.Report()
    with tempfile.TemporaryDirectory() as place:
        install = ['meson', 'install', '-C', build, '--no-rebuild', '--quiet', '--destdir', place]
        if run(report, 'install', install) is not None:
            found = {name: find(place, name) for name in ('libwengert.so', 'libwengert.a', 'wengert.pc', 'wengert.h')}
            for name, folder in found.items():
                report.check(folder, f'{name} is not installed')
            if all(found.values()):
                config = ['env', f'PKG_CONFIG_PATH={found["wengert.pc"]}',
                          f'PKG_CONFIG_SYSROOT_DIR={place}', 'pkg-config']
                for name, compiler, source in languages(root, list(c_compiler)):
                    try_program(report, name, compiler + [source], place, config)
    return report.close()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
