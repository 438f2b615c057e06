"""Reading ahead: every chunk is read once, before it is used, whoever comes first."""

from __future__ import annotations

import random
import time
from collections import Counter

import pytest

from sync_engine.outward import parallel


@pytest.mark.parametrize("seed", range(5))
def test_every_chunk_is_read_once_and_before_its_use(seed: int) -> None:
    pauses = random.Random(seed)
    reads: Counter[int] = Counter()

    def read(chunk: int) -> None:
        time.sleep(pauses.random() / 500)
        reads[chunk] += 1

    with parallel.ReadAhead(range(60), read) as ahead:

        def work(at: int) -> int:
            ahead(at)
            seen = reads[at]
            time.sleep(pauses.random() / 300)
            return seen

        assert list(parallel.in_parallel(range(60), work)) == [1] * 60
    assert (len(reads), set(reads.values())) == (60, {1})


def test_what_a_read_raises_reaches_the_caller() -> None:
    def read(chunk: int) -> None:
        if chunk == 12:
            raise ValueError("chunk 12")

    with parallel.ReadAhead(range(20), read) as ahead, pytest.raises(ValueError, match="chunk 12"):
        list(parallel.in_parallel(range(20), ahead))
