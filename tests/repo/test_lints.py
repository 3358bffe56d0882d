#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The checks of the repository can fail: a tiny library passes all of them, and each of its broken copies is refused
with the right words.

    test_lints.py CC...
"""
import os
import shutil
import subprocess
import sys
import tempfile

import lint

HERE = os.path.dirname(os.path.abspath(__file__))
SPDX = '// SPDX-License-Identifier: MIT\n'

PROGRAM = '''#include <wengert/wengert.h>

int main(void)
{
    wg_shape shape = {1, 2};
    return wg_size(&shape) != 1;
}
'''
HELP = '''(int count, char **arguments)
{
    if (count > 1) return printf("usage: %s\\n", arguments[0]) < 0;'''

TREE = {
    'meson.build': '''# SPDX-License-Identifier: MIT
project('wengert', 'c', default_options: ['default_library=both'])
subdir('src/tensor')
subdir('src/graph')
install_headers('src/wengert.h', subdir: 'wengert')
wengert = both_libraries('wengert', sources, c_args: '-fvisibility=hidden', install: true)
import('pkgconfig').generate(wengert, name: 'wengert', description: 'a tiny one')
''',
    'src/wengert.h': SPDX + '#include "graph/tape.h"\n',
    'src/tensor/meson.build': '''# SPDX-License-Identifier: MIT
sources = files('shape.c')
install_headers('shape.h', subdir: 'wengert/tensor')
''',
    'src/tensor/shape.h': SPDX + '''
/* Marks what is exported. */
#define WG_API __attribute__((visibility("default")))

/* A size. */
typedef struct wg_shape {
    int size;

    int rank;
} wg_shape;

#ifdef __cplusplus
extern "C" {
#endif

/* The size, and
   the rank. */
WG_API int wg_size(const wg_shape *shape);
WG_API int wg_rank(const wg_shape *shape);

/* A table. */
extern WG_API const int wg_table[2];

/* The size again. */
#define wg_length(shape) wg_size(shape)

#ifdef __cplusplus
}
#endif

/* ---- private to the library ---- */

int wg__hidden(void);
''',
    'src/tensor/shape.c': SPDX + '''#include "shape.h"

const int wg_table[2] = {1, 2};

int wg_size(const wg_shape *shape)
{
    return shape->size;
}

int wg_rank(const wg_shape *shape)
{
    return shape->rank;
}

int wg__hidden(void)
{
    return 0;
}
''',
    'src/graph/meson.build': '''# SPDX-License-Identifier: MIT
sources += files('tape.c')
install_headers('tape.h', subdir: 'wengert/graph')
''',
    'src/graph/tape.h': SPDX + '#include "../tensor/shape.h"\n',
    'src/graph/tape.c': SPDX + '#include "tape.h"\n\n#include <stdio.h>\n',
    'src/graph/inner.h': SPDX + '#include "../tensor/shape.h"\n\n/* Of one file. */\nWG_API int wg_inner(void);\n',
    'examples/one.c': SPDX + '#include <wengert/wengert.h>\n',
    'tests/repo/consumer.c': SPDX + '''#include <wengert/wengert.h>
int main(void) { wg_shape shape = {1, 2}; return wg_size(&shape) != wg_table[0]; }
''',
    'tests/repo/consumer.cpp': SPDX + '''#include <wengert/wengert.h>
int main() { wg_shape shape = {1, 2}; return wg_rank(&shape) != wg_table[1]; }
''',
    'README.md': f'The program:\n\n```c\n{PROGRAM}```\n\n![A picture](docs/lecture.svg)\n',
    'CONTRIBUTING.md': f'See `src/<room>` and `wg_size`.\n\n```c\n{PROGRAM}```\n\n'
                       '```c\n/* src/tensor/shape.c */\nint wg__hidden(void)\n```\n',
    'docs/lecture.svg': '<svg>\n<text x="3">X</text>\n<text x="4">1 + X</text>\n</svg>\n',
    'examples/linear_regression.c': SPDX + PROGRAM.replace('(void)\n{', HELP),
    'examples/README.md': '- [one](one.c)\n- [line](linear_regression.c)\n- [picture](draw_graph.c)\n',
    'examples/draw_graph.c': SPDX + '''#include <stdio.h>

int main(int count, char **arguments)
{
    char path[999];
    snprintf(path, sizeof path, "%s/lecture.svg", arguments[count - 1]);
    FILE *file = fopen(path, "w");
    return !file || fputs("<text x='1'>1 + X</text> <text x='2'>X</text>", file) < 0 || fclose(file);
}
''',
}

# The check, the file to break, what is replaced ('' appends), by what, and what the check must say.
BROKEN = [
    ('includes', 'src/tensor/shape.c', '', '#include "../graph/tape.h"\n', 'not in tensor or a room below'),
    ('includes', 'src/tensor/shape.c', '', '#include "../wengert.h"\n', 'not in tensor or a room below'),
    ('includes', 'src/tensor/shape.c', '', '#include <wengert/wengert.h>\n', 'include by relative path'),
    ('includes', 'src/graph/tape.c', '', '#  include "none.h"\n', 'no file "none.h"'),
    ('includes', 'src/graph/tape.h', '', '#include "inner.h"\n', 'which is not installed'),
    ('includes', 'src/attic/old.h', '', SPDX, 'in no room'),
    ('includes', 'examples/one.c', '', '#include <wengert/graph/tape.h>\n', 'includes <wengert/wengert.h> only'),
    ('includes', 'examples/one.c', '', '#include "../src/wengert.h"\n', 'includes <wengert/wengert.h> only'),
    ('symbols', 'src/tensor/shape.c', '', '#define OUT WG_API\nOUT int other(void) { return 0; }\n',
     'other: exported, but does not start with wg_'),
    ('symbols', 'src/tensor/shape.c', 'int wg__hidden', 'WG_API int wg__hidden', 'wg__hidden: exported, but'),
    ('symbols', 'src/tensor/shape.c', '', 'WG_API int wg_extra(void) { return 0; }\n', 'in no public header'),
    ('symbols', 'src/tensor/shape.h', '/* A table. */', '/* A lie. */\nWG_API int wg_none(void);\n\n/* A table. */',
     'wg_none is declared with WG_API, but not exported'),
    ('symbols', 'src/tensor/shape.h', 'wg_table[2]', 'wg_table[2], wg_more[3]',
     'wg_more is declared with WG_API, but not exported'),
    ('docs', 'src/tensor/shape.h', '   the rank. */\n', '   the rank. */\n\n', 'wg_rank has no docstring'),
    ('docs', 'src/tensor/shape.h', '/* A size. */', '', 'wg_shape has no docstring'),
    ('docs', 'src/tensor/shape.h', '/* Marks what is exported. */', '/* ---- head ---- */', 'WG_API has no docstring'),
    ('docs', 'src/tensor/shape.h', '/* A table. */', '', 'wg_table has no docstring'),
    ('docs', 'src/tensor/shape.h', '/* ---- private', 'typedef int wg_call(void);\n\n/* ---- private',
     'wg_call has no docstring'),
    ('docs', 'src/graph/tape.c', SPDX, '', 'no SPDX line'),
    ('docs', 'src/graph/meson.build', '# SPDX', '# ', 'no SPDX line'),
    ('docs', 'src/graph/tape.c', '', 'int long_one(int x)\n{\n' + '    x++;\n' * 57 + '    return x;\n}\n',
     'src/graph/tape.c long_one: 61 lines'),
    ('docs', 'src/graph/tape.c', '', '#define LONG \\\n' + '    x \\\n' * 60 + '\n', 'src/graph/tape.c LONG: 62 lines'),
    ('docs', 'src/graph/tape.c', '', '\n' * 400, 'src/graph/tape.c: 404 lines'),
    ('docs', 'tests/repo/long.txt', '', 'src/graph/tape.c: it was\n', 'is not too long'),
    ('docs', 'tests/repo/long.txt', '', 'src/graph/tape.c:\n', 'no reason given'),
    ('docs', 'examples/one.c', '', '/' * 121 + '\n', 'more than 120 columns in line 3'),
    ('docs', 'examples/one.c', '', '// TO' + 'DO: later\n', 'a loose end in line 3'),
    ('docs', 'README.md', '', 'Look into /ho' + 'me/me.\n', 'a path of one machine in line 1'),
    ('manual', 'examples/linear_regression.c', '{1, 2}', '{1, 3}', 'its program is not that of examples'),
    ('manual', 'CONTRIBUTING.md', 'wg_shape shape', 'wg_shapes shape', 'CONTRIBUTING.md: block 1: '),
    ('manual', 'CONTRIBUTING.md', '!= 1', '== 1', 'CONTRIBUTING.md: block 1: '),
    ('manual', 'CONTRIBUTING.md', 'int wg__hidden(void)', 'int wg__hidden(int)', 'block 2 does not stand in'),
    ('manual', 'CONTRIBUTING.md', '`wg_size`', '`wg_sizes`', 'wg_sizes is not public'),
    ('manual', 'CONTRIBUTING.md', '`src/<room>`', '`src/<room>/graph.h`', 'there is no file src/<room>/graph.h'),
    ('manual', 'examples/README.md', '(one.c)', '', 'one.c is not in the list'),
    ('manual', 'examples/README.md', '(one.c)', '(one.c) [2](../docs/two.svg)', 'there is no file ../docs/two.svg'),
    ('manual', 'examples/one.c', '', '\n' * 150, 'examples/one.c: 152 lines, wanted are fewer than 150'),
    ('manual', 'README.md', '', '```c\n/* examples/one.c */\nint none;\n```\n', 'README.md: block 2 does not stand in'),
    ('manual', 'README.md', '', '```c\nint none;\n```\n', 'README.md: block 2 does not stand in'),
    ('manual', 'README.md', 'docs/lecture.svg', 'docs/picture.svg', 'there is no file docs/picture.svg'),
    ('manual', 'docs/lecture.svg', '1 + X', '2 + X', 'is not what examples/draw_graph.c draws'),
    ('install', 'src/graph/meson.build', "install_headers('tape.h', subdir: 'wengert/graph')\n", '', 'C, shared'),
    ('install', 'src/tensor/meson.build', 'wengert/tensor', 'wengert', 'C, static'),
    ('install', 'src/tensor/shape.h', 'extern "C" {', 'namespace not_c {', 'C++ (g++), shared'),
    ('install', 'src/tensor/shape.h', '/* A size. */', '#pragma strange', 'C, shared'),
    ('install', 'src/graph/meson.build', "'tape.h'", "'tape.h', 'inner.h'", 'C, every call, shared'),
    ('install', 'src/tensor/shape.h', 'wg_length(shape) wg_size', 'wg_length(shape) wg_rang', 'C, every call, shared'),
    ('install', 'src/tensor/shape.h', 'WG_API int wg_rank', 'WG_API int wg_rang(void);\nWG_API int wg_rank',
     'C++ (g++), every call, static'),
    ('install', 'src/tensor/shape.h', '/* A size. */', 'static inline int f(int x) { { int x = 1; return x; } }',
     'C, shared'),
    ('install', 'src/tensor/shape.c', 'return shape->size', 'return shape->rank', 'C, shared, run'),
    ('install', 'meson.build', 'install: true', 'install: false', 'libwengert.so is not installed'),
]


# What must be installed for a check to say these words.
TOOLS = {'C++ (g++)': 'g++', 'draws': 'dot'}


def can_say(words):
    return all(shutil.which(tool) for part, tool in TOOLS.items() if part in words)


def write(root, tree):
    for path, text in tree.items():
        place = os.path.join(root, path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, 'w', encoding='utf-8') as file:
            file.write(text)
    os.makedirs(os.path.join(root, 'include'))
    os.symlink('../src', os.path.join(root, 'include', 'wengert'))


def arguments(check, root, cc):
    """What the check needs besides the tree; built here, and it must build."""
    quiet = {'check': True, 'stdout': subprocess.DEVNULL}
    if check in ('symbols', 'manual'):
        library = os.path.join(root, 'libtiny.so')
        subprocess.run([*cc, '-shared', '-fPIC', '-fvisibility=hidden', '-o', library,
                        os.path.join(root, 'src/tensor/shape.c')], **quiet)
        return [library] if check == 'symbols' else [library, *cc]
    if check == 'install':
        build = os.path.join(root, 'build')
        subprocess.run(['meson', 'setup', build, root], env={**os.environ, 'CC': ' '.join(cc)}, **quiet)
        subprocess.run(['ninja', '-C', build], **quiet)
        return [build, *cc]
    return []


def verdict(check, tree, cc):
    """The check's exit status and output on this tree."""
    with tempfile.TemporaryDirectory() as root:
        write(root, tree)
        command = [sys.executable, os.path.join(HERE, f'check_{check}.py'), root, *arguments(check, root, cc)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.returncode, done.stdout


def main(cc):
    report = lint.Report()
    for check in ('includes', 'symbols', 'docs', 'manual', 'install'):
        status, said = verdict(check, TREE, cc)
        report.check(status == 0, f'{check}: refuses the tree in which all is well:\n{said}')
    for check, path, old, new, words in BROKEN:
        if not can_say(words):
            print(f'left out, for want of a tool: {words}')
            continue
        before = TREE.get(path, '')
        assert old in before, f'{path} has no {old!r} to break'
        after = before.replace(old, new, 1) if old else before + new
        status, said = verdict(check, {**TREE, path: after}, cc)
        report.check(status == 1 and words in said,
                     f'{check}: {path} with {new[:60]!r}: wanted "{words}", said:\n{said}')
    allowed = {**TREE, 'src/graph/tape.c': TREE['src/graph/tape.c'] + '\n' * 400,
               'tests/repo/long.txt': '# why\nsrc/graph/tape.c: a test of this list\n'}
    status, said = verdict('docs', allowed, cc)
    report.check(status == 0, f'docs: refuses a long file that is allowed:\n{said}')
    return report.close()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
