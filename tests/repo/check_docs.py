#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What is public has a docstring, and sources keep the house's measures: licence line, lengths, no loose ends.

A docstring is a comment directly before a declaration, or before the group without blank lines in which it stands.
What may be longer than allowed stands in tests/repo/long.txt, as "PATH: REASON" or "PATH FUNCTION: REASON".

    check_docs.py ROOT
"""
import os
import re
import sys

import lint

FUNCTION_LINES, FILE_LINES, COLUMNS = 60, 400, 120
SOURCES = ['.c', '.h', '.cpp', '.py', '.sh', 'meson.build', '/run']
LOOSE_ENDS = re.compile(r'\b(?:TO[D]O|FIX[M]E)\b')
MACHINE_PATHS = re.compile(r'(?<![\w.])/(?:work|home|tmp)/')
COMMENT = re.compile(r'^[ \t]*(/\*.*?\*/|//[^\n]*)', re.MULTILINE | re.DOTALL)
TYPES = [re.compile(pattern, re.MULTILINE) for pattern in (
    r'^(?:typedef\s+)?(?:struct|enum|union)\s+(wg_\w+)\s*\{',
    r'^typedef\s[\w\s*]*?\b(wg_\w+)\s*;',
    r'^typedef\s[\w\s*]*?\(?\*?\b(wg_\w+)\)?\s*\(',
)]
MACRO = re.compile(r'^[ \t]*#[ \t]*define[ \t]+((?:WG|wg)_[A-Za-z0-9]\w*)', re.MULTILINE)


def group_ends(text):
    """Positions of the blank lines that end a group: outside comments, outside braces."""
    bare = lint.without_comments(text)
    code = lint.without_directives(bare).replace('extern "C" {', '')
    ends, depth, position = [], 0, 0
    for original, line in zip(text.splitlines(keepends=True), code.splitlines(keepends=True)):
        depth = max(0, depth + line.count('{') - line.count('}'))
        if not original.strip() and depth == 0:
            ends.append(position)
        position += len(original)
    inside = [match.span() for match in re.finditer(r'/\*.*?\*/', text, re.DOTALL)]
    return [end for end in ends if not any(first < end < last for first, last in inside)]


def is_documented(position, comments, ends):
    """Whether a comment of the same group stands before this position."""
    start = max((end for end in ends if end < position), default=0)
    return any(start <= comment < position for comment in comments)


def public_names(text):
    """Pairs of position and name of all that a header's public part offers."""
    code = lint.without_comments(text)
    found = lint.exported_declarations(text)
    found += [(match.start(1), match.group(1)) for match in MACRO.finditer(code)]
    code = lint.without_directives(code)
    found += [(match.start(1), match.group(1)) for kind in TYPES for match in kind.finditer(code)]
    return found


def check_docstrings(root, report):
    """A name needs one docstring, where it is declared, or defined, or wrapped by a macro of its name."""
    documented, homes = set(), {}
    for header in lint.public_headers(root):
        text = lint.public_part(lint.read(root, header))
        ends = group_ends(text)
        comments = [match.start(1) for match in COMMENT.finditer(text)
                    if not match.group(1).startswith('/* ----')]
        for position, name in public_names(text):
            homes.setdefault(name, f'{header}:{text.count(chr(10), 0, position) + 1}')
            if is_documented(position, comments, ends):
                documented.add(name)
    for name, home in sorted(homes.items()):
        report.check(name in documented, f'{home}: {name} has no docstring')


def long_pieces(text):
    """Names and lengths of functions, and of macros that span lines; a body starts with a brace in column 0."""
    lines, found, head, body = text.splitlines(), [], 0, None
    for number, line in enumerate(lines):
        if body is None and (line == '{' or re.match(r'[^\s#/].*\)\s*\{$', line)):
            body = ' '.join(lines[head:number + 1])
        elif body is not None and line.startswith('}'):
            name = re.search(r'(\w+)\s*\(', body)
            found.append((name.group(1) if name else body, number + 1 - head))
            body = None
        if body is None and (not line.strip() or line.startswith('#') or line.endswith(('}', ';', '*/'))):
            head = number + 1
    for match in re.finditer(r'^[ \t]*#[ \t]*define[ \t]+(\w+)(?:[^\n]*\\\n)+', text, re.MULTILINE):
        found.append((match.group(1), match.group().count('\n') + 1))
    return found


def read_allowed(root, report):
    """The entries of long.txt, as a set of "PATH" and "PATH FUNCTION"."""
    path, allowed = os.path.join('tests', 'repo', 'long.txt'), set()
    if os.path.exists(os.path.join(root, path)):
        for line in lint.read(root, path).splitlines():
            if line.strip() and not line.startswith('#'):
                what, _, reason = line.partition(':')
                report.check(reason.strip(), f'{path}: {what}: no reason given')
                allowed.add(what.strip())
    return allowed


def check_lengths(root, report):
    allowed, needed = read_allowed(root, report), set()
    for path in lint.files(root, ['.c', '.h'], ['src']):
        text = lint.read(root, path)
        sizes = [(path, FILE_LINES, text.count('\n'))]
        sizes += [(f'{path} {name}', FUNCTION_LINES, size) for name, size in long_pieces(text)]
        for what, most, size in sizes:
            if size > most:
                needed.add(what)
            report.check(size <= most or what in allowed, f'{what}: {size} lines, {most} are the most')
    for what in sorted(allowed - needed):
        report.check(False, f'tests/repo/long.txt: {what} is not too long, or is no more')


def check_lines(root, report):
    """One check per file and rule, however many lines break it."""
    prose = [name for name in sorted(os.listdir(root)) if name.endswith('.md')]
    builds = [name for name in ('meson.build', 'meson_options.txt') if os.path.exists(os.path.join(root, name))]
    for path in lint.files(root, SOURCES) + builds + prose:
        lines = lint.read(root, path).splitlines()
        rules = [('a loose end', LOOSE_ENDS.search), ('a path of one machine', MACHINE_PATHS.search)]
        if path not in prose:
            report.check(any('SPDX-License-Identifier: MIT' in line for line in lines[:2]),
                         f'{path}: no SPDX line at its head')
            rules.append((f'more than {COLUMNS} columns', lambda line: len(line) > COLUMNS))
        for what, breaks in rules:
            numbers = [str(number) for number, line in enumerate(lines, 1) if breaks(line)]
            report.check(not numbers, f'{path}: {what} in line {", ".join(numbers)}')


def main(root):
    report = lint.Report()
    check_docstrings(root, report)
    check_lengths(root, report)
    check_lines(root, report)
    return report.close()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
