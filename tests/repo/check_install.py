#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The installed library works: `meson install` into an empty place, then programs in C and in C++ are built against it
through pkg-config, with the shared and with the static library and without a warning, and run: two written by hand, and
one for each language that reaches every public call and object, made from the headers so that none is missed.

    check_install.py ROOT BUILD CC...
"""
import os
import shutil
import subprocess
import sys
import tempfile

import lint

STRICT = ['-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Wconversion', '-Werror']

EVERYTHING = """#include <stddef.h>
#include <wengert/wengert.h>

typedef void any(void);

static any *const calls[] = {CALLS};
static const void *const objects[] = {OBJECTS};
MACROS
int main(int count, char **arguments)
{
    size_t missing = 0;
    (void)arguments;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) missing += !calls[i];
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) missing += !objects[i];
    CALL_MACROS
    return count > 1 || missing > 0;
}
"""
# What a macro's parameter of this name is given; NULL is right for others. Settings begin with a pointer or a number.
ARGUMENTS = {'values': '(float *){0}', 'count': '0', '...': '0'}


def run(report, what, command, **settings):
    """Runs a command as one check; prints what it said when it failed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **settings)
    report.check(done.returncode == 0, f'{what}: {" ".join(command)}\n{done.stdout}')
    return done.stdout if done.returncode == 0 else None


def find(place, name):
    """The folder below `place` that holds a file of this name."""
    return next((folder for folder, _, names in os.walk(place) if name in names), None)


def macro_calls(text):
    """A call in C of each macro that wraps a call: with zeros of its function's types, or with the struct's first
    member alone."""
    calls = []
    for name, parameters in lint.call_macros(text):
        types = lint.parameter_types(text, name) if parameters == ['...'] else None
        given = [f'({type_}){{0}}' for type_ in types] if types else \
            [ARGUMENTS.get(parameter, 'NULL') for parameter in parameters]
        calls.append(f'(void){name}({", ".join(given)});')
    return calls


def everything(root, cpp):
    """A program that needs each public call and object; the macros, which C++ does not have, are called in C."""
    text = '\n'.join(lint.public_part(lint.read(root, header)) for header in lint.public_headers(root))
    names = sorted({name for _, name in lint.exported_declarations(text)})
    functions = [name for name in names if lint.parameter_types(text, name) is not None]
    macros = [] if cpp else macro_calls(text)
    cast = 'reinterpret_cast<any *>({})' if cpp else '(any *){}'
    return (EVERYTHING
            .replace('CALL_MACROS', 'if (count > 1) macros();' if macros else '')
            .replace('MACROS', 'static void macros(void)\n{\n' + '\n'.join(macros) + '\n}\n' if macros else '')
            .replace('CALLS', ',\n'.join(cast.format(name) for name in functions))
            .replace('OBJECTS', ',\n'.join('&' + name for name in names if name not in functions)))


def programs(root, place, c_compiler):
    """Name, compiler and source of each program. C++ is left out, aloud, where there is no compiler for it."""
    compilers = [('C', c_compiler + ['-std=c11', '-Wstrict-prototypes'], 'c')]
    compilers += [(f'C++ ({name})', [name, '-std=c++17'], 'cpp')
                  for name in ('g++', 'clang++') if shutil.which(name)]
    if len(compilers) == 1:
        print('no C++ compiler: the headers are not tried in C++')
    for name, compiler, ending in compilers:
        source = os.path.join(place, f'everything.{ending}')
        with open(source, 'w', encoding='utf-8') as file:
            file.write(everything(root, ending == 'cpp'))
        yield name, compiler, os.path.join(root, f'tests/repo/consumer.{ending}')
        yield f'{name}, every call', compiler, source


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
                for name, compiler, source in programs(root, place, list(c_compiler)):
                    try_program(report, name, compiler + [source], place, config)
    return report.close()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
