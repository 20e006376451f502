# SPDX-License-Identifier: MIT
"""The memory that tensors are received into."""
import mmap
import resource
import sys
import threading
import time

import pytest

from sow import memory

SIZE = 4 * memory.STRIDE + 12345


def populates():
    """Has this kernel MADV_POPULATE_WRITE?"""
    if sys.platform != 'linux':
        return False
    with mmap.mmap(-1, mmap.PAGESIZE) as page:
        try:
            page.madvise(memory.POPULATE)
        except OSError:
            return False
    return True


def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


@pytest.mark.skipif(not populates(), reason='the kernel cannot')
def test_pages_are_there_before_anything_is_written():
    buffer = memory.allocate(SIZE)
    threads, before = threading.active_count(), faults()
    with memory.populated_ahead(buffer):
        while threading.active_count() > threads:
            time.sleep(0.01)
    made = faults()
    for offset in range(0, SIZE, mmap.PAGESIZE):
        buffer[offset] = 1
    assert faults() - made < max(16, (made - before) // 16)


def test_memory_that_is_populated_can_be_written_meanwhile():
    buffer = memory.allocate(SIZE)
    marks = range(0, SIZE, mmap.PAGESIZE // 2)
    with memory.populated_ahead(buffer):
        for offset in marks:
            buffer[offset] = 1
    assert all(buffer[offset] == 1 for offset in marks)
    assert buffer.find(b'\2') < 0 and buffer[1] == 0


@pytest.mark.parametrize('size', [0, 100, memory.SMALL, SIZE])
def test_a_failure_within_ends_the_thread_and_is_raised(size):
    count = threading.active_count()
    buffer = memory.allocate(size)
    with pytest.raises(KeyError), memory.populated_ahead(buffer):
        raise KeyError('within')
    assert threading.active_count() == count
    assert len(buffer) == size
