# SPDX-License-Identifier: MIT
"""What the checks of the repository share: counting, finding files, and reading public headers."""
import os
import re

ROOMS = ['tensor', 'kernels', 'graph', 'ops', 'formats', 'data', 'nn', 'train']  # low to high
FOLDERS = ['src', 'examples', 'bench', 'tools', 'tests', 'scripts', '.ci']
PRIVATE = '/* ---- private to the library ---- */'
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


class Report:
    """Counts checks, says which failed, and closes with the line that scripts/test.sh sums."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, holds, message):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(message)
        return holds

    def close(self):
        print(f'checks: {self.passed} passed, {self.failed} failed')
        return 1 if self.failed or not self.passed else 0


def read(root, path):
    with open(os.path.join(root, path), encoding='utf-8') as file:
        return file.read()


def files(root, endings, folders=FOLDERS):
    """The paths below the root, sorted, of all files in these folders with one of these endings."""
    found = []
    for folder in folders:
        for place, inner, names in os.walk(os.path.join(root, folder)):
            inner[:] = [name for name in inner if name[0] != '.' and name != '__pycache__']
            found += [os.path.relpath(os.path.join(place, name), root) for name in names]
    return sorted(path for path in found if path.endswith(tuple(endings)))


def public_headers(root):
    """The paths of all headers that some meson.build installs."""
    found = []
    for build in ['meson.build'] + files(root, ['meson.build'], ['src']):
        for call in re.findall(r'install_headers\(([^)]*)\)', read(root, build)):
            names = re.findall(r"'([^']+\.h)'", call)
            found += [os.path.normpath(os.path.join(os.path.dirname(build), name)) for name in names]
    return sorted(found)


def public_part(text):
    """A header's text up to what is private to the library."""
    return text.split(PRIVATE)[0]


def without_comments(text):
    """The same lines with comments blanked out, so that positions stay."""
    blank = lambda match: re.sub(r'[^\n]', ' ', match.group())
    return re.sub(r'/\*.*?\*/|//[^\n]*', blank, text, flags=re.DOTALL)


def without_directives(text):
    """The same lines with preprocessor directives blanked out."""
    blank = lambda match: re.sub(r'[^\n]', ' ', match.group())
    return re.sub(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', blank, text, flags=re.MULTILINE)


def call_macros(text):
    """Pairs of name and parameters of the macros with parameters, named wg_, of a header's public part."""
    code = without_comments(public_part(text))
    found = re.findall(r'^[ \t]*#[ \t]*define[ \t]+(wg_[a-z0-9]\w*)\(([^)]*)\)', code, re.MULTILINE)
    return [(name, [parameter.strip() for parameter in parameters.split(',')]) for name, parameters in found]


def parameter_types(text, name):
    """Types of the parameters of a function that a header declares with WG_API; None when it does not."""
    code = without_directives(without_comments(public_part(text)))
    found = re.search(rf'\bWG_API\b[^;{{(]*\b{name}\(([^)]*)\)', code)
    if not found:
        return None
    parameters = [parameter.strip() for parameter in found.group(1).split(',')]
    return [re.sub(r'\s*\w+$', '', parameter) for parameter in parameters if parameter not in ('void', '...')]


def exported_declarations(text):
    """Pairs of position and name for each function and object that a header's public part declares with WG_API."""
    code = without_directives(without_comments(public_part(text)))
    found = []
    for match in re.finditer(r'\bWG_API\b([^;{]*)', code):
        declaration = re.sub(r'\bWG_PRINTF\([^)]*\)', '', match.group(1))
        function = re.search(r'(\w+)\s*\(', declaration)
        if function:
            names = [function.group(1)]
        else:
            names = re.findall(r'(\w+)\s*(?:\[[^\]]*\]\s*)*(?:,|$)', declaration.strip())
        found += [(match.start(), name) for name in names]
    return found
