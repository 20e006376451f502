# SPDX-License-Identifier: MIT
"""Sizes and shapes for certify.py."""
import math

# Around blocks of 16 and of 8 lanes, and MT19937's 624 words.
EDGES = sorted({*range(41), 47, 48, 49, 63, 64, 65, 127, 128, 129, 255, 256,
                257, 607, 608, 609, 623, 624, 625, 640, 1000, 1247, 1248, 1249,
                4095, 4096, 4097})
BIG = 10 ** 7


def size_up_to(rng, most):
    """As often small as large."""
    return int(math.exp(rng.uniform(0, math.log(most))))


def sizes_of(rng, budget, most):
    """Sizes that add up to about 'budget': half of it in the largest."""
    left = int(budget)
    while left > 0:
        size = min(left, most) if rng.random() < 0.5 else \
            size_up_to(rng, min(max(left, 2), most))
        yield max(size, 1)
        left -= max(size, 1000)


def divisor(rng, n):
    small = [d for d in range(1, min(n, 1000) + 1) if n % d == 0]
    return rng.choice(small)


def shaped(rng, n, least, most):
    """A shape with n elements, or nearly, whose rank lies between the two."""
    rank = rng.randint(least, most)
    if n == 0:
        rank = max(rank, 1)
        return [0 if i == rank - 1 else rng.randint(1, 5)
                for i in range(rank)]
    if rank == 0 and n > 1:
        rank = 1
    if rank == 0:
        return []
    shape = []
    for _ in range(rank - 1):
        shape.append(divisor(rng, n))
        n //= shape[-1]
    shape.append(n)
    rng.shuffle(shape)
    return shape
