# SPDX-License-Identifier: MIT
"""Run a program on an emulated processor that has AVX-512.

    tests/emulate.py PROGRAM [ARGUMENT...]

The processor is Bochs's, as PyPI's bochscpu-python 0.4.0 has it; 0.3.1 rounds
wrongly to float16.  PROGRAM is linked with -static-pie.  What its one thread
asks of Linux is asked here: its memory is this process's, at the same places.
XCR0 is of the registers that a system keeps: 0xe7, AVX-512's too, by default.
"""
import ctypes
import os
import pathlib
import struct
import sys

import bochscpu.memory

# Nothing is at TRAP: exceptions lead there, and calls of Linux to CALL.
GIB = 1 << 30
TRAP, CALL, BASE, END = GIB, GIB + 256, 8 * GIB, 64 * GIB
PAGES, TABLE, GATES, SEGMENTS, START = range(BASE, BASE + 5 * 4096, 4096)
IMAGE, STACK = BASE + (1 << 20), BASE + (1 << 27)
MMAP, SET_FS, EXITS = 9, (158, 0x1002), (60, 231)
NOT_MADE = {12: 0, 13: 0, 25: -12}  # brk, sigaction; mremap: no memory
NEW = 3, 0x104022, -1, 0  # mappings: private, without reserve, just there

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long


def linux(*call):
    got = libc.syscall(*map(ctypes.c_long, call))
    return got if got != -1 else -ctypes.get_errno()


def put(at, *words):
    ctypes.memmove(at, struct.pack(f'<{len(words)}Q', *words), 8 * len(words))


def load(arguments):
    """Lay out the program and its stack; where they begin."""
    data = pathlib.Path(arguments[0]).read_bytes()
    entry, headers = struct.unpack_from('<QQ', data, 24)
    size, count = struct.unpack_from('<HH', data, 54)
    for i in range(headers, headers + size * count, size):
        kind, start, to, length = struct.unpack_from('<I4xQQ8xQ', data, i)
        if kind == 1:
            ctypes.memmove(IMAGE + to, data[start:start + length], length)
    at, words = STACK, [len(arguments)]
    for texts in arguments, map('='.join, os.environ.items()):
        for text in map(os.fsencode, texts):
            at -= len(text) + 1
            ctypes.memmove(at, text, len(text) + 1)
            words.append(at)
        words.append(0)
    words += [3, IMAGE + headers, 4, size, 5, count, 6, 4096, 25, BASE, 0, 0]
    at = at - 8 * len(words) & -16
    put(at, *words)
    return IMAGE + entry, at


def filled(made, **values):
    for name, value in values.items():
        setattr(made, name, value)
    return made


def segment(selector, attributes, base=0):
    return filled(bochscpu.Segment(), present=True, selector=selector,
                  base=base, limit=0xffffffff, attr=attributes)


def first_state(entry, stack):
    """64-bit mode, about to enable the registers and enter the program."""
    put(PAGES, TABLE | 3)
    put(TABLE + 8, *(at | 0x83 for at in range(GIB, END, GIB)))
    put(SEGMENTS, 0, 0xaf9a000000ffff, 0xcf92000000ffff)
    for i in range(32):
        put(GATES + 16 * i, TRAP << 32 | 0x8e0000080000 | i, 0)
    # xor ecx, ecx; xor edx, edx; xsetbv; jmp r15
    put(START, 0x41d1010fd231c931, 0xe7ff)
    data, table = segment(16, 0xc093), bochscpu.GlobalSegment
    return filled(
        bochscpu.State(), rip=START, r15=entry, rsp=stack, rflags=2,
        rax=int(os.environ.get('XCR0', '0xe7'), 0), xcr0=1, efer=0xd01,
        cr0=0x80000033, cr3=PAGES, cr4=0x50620, star=8 << 32, lstar=CALL,
        mxcsr=0x1f80, mxcsr_mask=0xffff, fpcw=0x37f, fptw=0xffff,
        cs=segment(8, 0xa09b), ds=data, es=data, ss=data, fs=data, gs=data,
        gdtr=filled(table(), base=SEGMENTS, limit=23),
        idtr=filled(table(), base=GATES, limit=511))


def main():
    assert linux(MMAP, BASE, STACK - BASE, *NEW) == BASE, 'it is in use'
    session, more = bochscpu.Session(), 2 * BASE
    session.missing_page_handler = lambda at: (
        session.stop() if at < BASE else
        bochscpu.memory.page_insert(at & -4096, at & -4096))
    cpu = session.cpu
    cpu.state = first_state(*load(sys.argv[1:]))
    while True:
        session.run([])
        if cpu.rip != CALL:
            sys.exit(f'emulate.py: exception {cpu.rip - TRAP} at {cpu.cr2:#x}')
        call = cpu.rax, cpu.rdi, cpu.rsi, cpu.rdx, cpu.r10, cpu.r8, cpu.r9
        got = NOT_MADE.get(call[0])
        if call[0] in EXITS:
            sys.exit(call[1])
        if call[0] == MMAP:
            got = linux(MMAP, more, call[2], *NEW)
            more += call[2] + 8191 & -4096
        elif call[:2] == SET_FS:
            cpu.fs, got = segment(16, 0xc093, call[2]), 0
        elif got is None:
            got = linux(*call)
        cpu.rax, cpu.rip, cpu.rflags = got & (1 << 64) - 1, cpu.rcx, cpu.r11


main()
