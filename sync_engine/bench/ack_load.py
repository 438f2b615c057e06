"""Calls of a prepared list over some kept-alive connections, as fast as they are answered. A process of its own:

    python -m sync_engine.bench.ack_load HOST PORT CONNECTIONS FILE

The file holds requests as they go over the wire, each after its length in four bytes. Prints one line of JSON: calls
per second, median and 99th percentile of the latency in ms, and how often each status was answered.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import struct
import sys
import time
from collections import Counter
from pathlib import Path


def requests_in(path: Path) -> list[bytes]:
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        (size,) = struct.unpack_from("!I", data, at)
        found.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return found


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:"))
    await reader.readexactly(length)
    return int(head[9:12])


async def _one(host: str, port: int, waiting: list[bytes], took: list[float], statuses: Counter[int]) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    while waiting:
        call = waiting.pop()
        began = time.perf_counter()
        writer.write(call)
        statuses[await _answer(reader)] += 1
        took.append(time.perf_counter() - began)
    writer.close()
    await writer.wait_closed()


async def load(host: str, port: int, connections: int, calls: list[bytes]) -> dict[str, object]:
    took: list[float] = []
    statuses: Counter[int] = Counter()
    count, began = len(calls), time.perf_counter()
    await asyncio.gather(*(_one(host, port, calls, took, statuses) for _ in range(connections)))
    seconds = time.perf_counter() - began
    return {
        "rate": count / seconds,
        "p50_ms": statistics.median(took) * 1000,
        "p99_ms": statistics.quantiles(took, n=100)[98] * 1000,
        "statuses": dict(statuses),
    }


if __name__ == "__main__":
    host, port, connections, path = sys.argv[1:]
    said = asyncio.run(load(host, int(port), int(connections), requests_in(Path(path))))
    sys.stdout.write(json.dumps(said) + "\n")
