#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""README.md and CONTRIBUTING.md are true: the README's program is the example without its --help, programs in
CONTRIBUTING.md build without a warning and run, what they quote from a file stands there, files and names that they
mention exist, each example is short and stands in the gallery's list, and the picture is what its example draws.

    check_manual.py ROOT LIBRARY CC...
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

import lint

GALLERY, EXAMPLE_LINES = 'examples/README.md', 150
PROSE = ['README.md', 'CONTRIBUTING.md', GALLERY]
EXAMPLE, DRAW, PICTURE = 'examples/linear_regression.c', 'examples/draw_graph.c', 'docs/lecture.svg'
FLAGS = ['-std=c11', '-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Wconversion', '-Wstrict-prototypes', '-Werror']
HELP = re.compile(r'int count, char \*\*arguments(\)\n\{\n)    if \(count > 1\) return printf\("usage: [^\n]*\n')
BLOCK = re.compile(r'^```c\n(.*?)^```$', re.MULTILINE | re.DOTALL)
QUOTE = re.compile(r'/\* (\S+/\S+) \*/\n(.*)', re.DOTALL)
LINK = re.compile(r'\]\((?!https?:)([^)#]+)')
QUOTED = re.compile(r'`([^`\n]+)`')
FILE = re.compile(r'[\w.][\w.-]*/[\w./<>-]+|[\w-]+\.(?:c|h|py|md|build)')
NAME = re.compile(r'\b(?:wg|WG)_[A-Za-z0-9]\w*')
VARIABLES = {'WG_ISA'}  # of the environment


def build_and_run(report, what, source, library, compiler, arguments=()):
    """Builds a program of one file against the library and runs it; true when both went well."""
    with tempfile.TemporaryDirectory() as place:
        program = os.path.join(place, 'program')
        settings = {'env': {**os.environ, 'LD_LIBRARY_PATH': os.path.dirname(library)}}
        for command in ([*compiler, *FLAGS, source, '-o', program, library, '-lm'], [program, *arguments]):
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **settings)
            if not report.check(done.returncode == 0, f'{what}: {" ".join(command)}\n{done.stdout}'):
                return False
    return True


def check_quote(root, prose, number, block, report):
    quote = QUOTE.match(block)
    report.check(quote and quote[2] in lint.read(root, quote[1]),
                 f'{prose}: block {number} does not stand in the file that it names')


def check_programs(root, library, compiler, report):
    example = HELP.sub(r'void\1', lint.read(root, EXAMPLE))
    program, *quotes = BLOCK.findall(lint.read(root, 'README.md'))
    report.check(program == example[example.index('#include'):], f'README.md: its program is not that of {EXAMPLE}')
    for number, block in enumerate(quotes, 2):
        check_quote(root, 'README.md', number, block, report)
    blocks = BLOCK.findall(lint.read(root, 'CONTRIBUTING.md'))
    report.check(blocks, 'CONTRIBUTING.md: no program')
    for number, block in enumerate(blocks, 1):
        if QUOTE.match(block):
            check_quote(root, 'CONTRIBUTING.md', number, block, report)
            continue
        with tempfile.NamedTemporaryFile('w', suffix='.c') as file:
            file.write(block)
            file.flush()
            build_and_run(report, f'CONTRIBUTING.md: block {number}', file.name, library, compiler)


def check_mentions(root, report):
    """What stands in backquotes or behind a link: files of the repository, public names."""
    public = ''.join(lint.read(root, header) for header in lint.public_headers(root))
    names = set(NAME.findall(public))
    for path in PROSE:
        text = BLOCK.sub('', lint.read(root, path))
        files = {word for quoted in QUOTED.findall(text) for word in quoted.split() if FILE.fullmatch(word)}
        for link in LINK.findall(text):  # from where the file lies
            there = os.path.exists(os.path.join(root, os.path.dirname(path), link))
            report.check(there, f'{path}: there is no file {link}')
        for name in sorted(files):
            pattern = os.path.join(root, '**' if '/' not in name else '', re.sub(r'<[^>]*>', '*', name))
            report.check(glob.glob(pattern, recursive=True), f'{path}: there is no file {name}')
        for name in sorted(set(NAME.findall(text)) - VARIABLES):
            report.check(name in names, f'{path}: {name} is not public')


def check_gallery(root, report):
    listed = lint.read(root, GALLERY)
    for path in sorted(glob.glob(os.path.join(root, 'examples', '*.c'))):
        name = os.path.basename(path)
        lines = lint.read(root, path).count('\n')
        report.check(f']({name})' in listed, f'{GALLERY}: {name} is not in the list')
        report.check(lines < EXAMPLE_LINES, f'examples/{name}: {lines} lines, wanted are fewer than {EXAMPLE_LINES}')


def texts(picture):
    return sorted(re.findall(r'<text[^>]*>([^<]*)</text>', picture))


def check_picture(root, library, compiler, report):
    """Compares words, since where Graphviz puts them depends on its version."""
    if not shutil.which('dot'):
        print(f'no Graphviz: {PICTURE} is not compared')
        return
    with tempfile.TemporaryDirectory() as place:
        source = os.path.join(root, DRAW)
        if build_and_run(report, DRAW, source, library, compiler, [place]):
            drawn = lint.read(place, os.path.basename(PICTURE))
            report.check(texts(drawn) == texts(lint.read(root, PICTURE)) != [],
                         f'{PICTURE} is not what {DRAW} draws: draw it anew')


def main(root, library, *compiler):
    report = lint.Report()
    library, compiler = os.path.abspath(library), [*compiler, '-I' + os.path.join(root, 'include')]
    check_programs(root, library, compiler, report)
    check_mentions(root, report)
    check_gallery(root, report)
    check_picture(root, library, compiler, report)
    return report.close()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
