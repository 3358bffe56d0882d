#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Includes follow the rooms: never upward, never from a public header to one that is not installed, and programs
(examples, bench, tools) see only <wengert/wengert.h>.

    check_includes.py ROOT
"""
import os
import sys

import lint


def room_of(path):
    parts = path.split(os.sep)
    return parts[1] if parts[0] == 'src' and len(parts) > 2 else None


def target_of(root, path, name):
    """The file below the root that a quoted include names."""
    return os.path.relpath(os.path.join(root, os.path.dirname(path), name), root)


def check_library(root, report):
    public = lint.public_headers(root)
    for path in lint.files(root, ['.c', '.h'], ['src']):
        room = room_of(path)
        for kind, name in lint.INCLUDE.findall(lint.read(root, path)):
            if kind == '<':
                report.check(not name.startswith('wengert/'), f'{path}: <{name}>: in src, include by relative path')
                continue
            target = target_of(root, path, name)
            if not report.check(os.path.isfile(os.path.join(root, target)), f'{path}: no file "{name}"'):
                continue
            report.check(path not in public or target in public,
                         f'{path}: a public header includes "{name}", which is not installed')
            if room:
                report.check(room_of(target) in lint.ROOMS[:lint.ROOMS.index(room) + 1],
                             f'{path}: includes "{name}", which is not in {room} or a room below it')


def check_programs(root, report):
    for path in lint.files(root, ['.c', '.h', '.cpp'], ['examples', 'bench', 'tools']):
        for kind, name in lint.INCLUDE.findall(lint.read(root, path)):
            inner = kind == '"' and target_of(root, path, name).startswith('src' + os.sep)
            ours = kind == '<' and name.startswith('wengert/')
            report.check(not inner and (not ours or name == 'wengert/wengert.h'),
                         f'{path}: includes {name}; of ours, a program includes <wengert/wengert.h> only')


def check_rooms(root, report):
    for path in lint.files(root, ['.c', '.h'], ['src']):
        room = room_of(path)
        report.check(path == os.path.join('src', 'wengert.h') or room in lint.ROOMS, f'{path}: in no room')


def main(root):
    report = lint.Report()
    check_rooms(root, report)
    if not report.failed:
        check_library(root, report)
    check_programs(root, report)
    return report.close()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
