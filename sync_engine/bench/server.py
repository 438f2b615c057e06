"""An Asana-style server that is never the bottleneck: pages are encoded once, before anybody asks.

    python -m sync_engine.bench.server --tasks 100000      prints its port, then serves on 127.0.0.1

`POST /_bench {"latency_ms": 20}` sets the latency of every further answer; `{"touch": 100}` changes that many
tasks as a person would; `{"reset": true}` undoes all changes.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from bisect import bisect_left
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from sync_engine.bench.tasks import START, index_of, stamp, task
from sync_engine.ports import ports

PAGE = 100
PREFIX = "/api/1.0"


class Tasks:
    """All tasks of one project. Those that changed are kept apart from the encoded pages."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.pages = [self._encoded(first) for first in range(0, max(count, 1), PAGE)]
        self.changed: dict[int, dict[str, Any]] = {}
        self.dirty: set[int] = set()

    def get(self, gid: str) -> dict[str, Any] | None:
        index = index_of(gid) if gid.isdigit() else -1
        return (self.changed.get(index) or task(index)) if 0 <= index < self.count else None

    def change(self, index: int, **fields: Any) -> dict[str, Any]:
        held = self.changed.get(index) or task(index)
        self.changed[index] = {**held, **fields, "modified_at": stamp(ports().clock.now())}
        self.dirty.add(index // PAGE)
        return self.changed[index]

    def touch(self, count: int) -> None:
        """Changes `count` tasks, spread over all of them."""
        step = max(1, self.count // max(1, count))
        for index in list(range(0, self.count, step))[:count]:
            self.change(index, name=f"Touched {index} at {stamp(ports().clock.now())}")

    def reset(self) -> None:
        for page in self.dirty:
            self.pages[page] = self._encoded(page * PAGE)
        self.changed.clear()
        self.dirty.clear()

    def page(self, number: int) -> bytes:
        if number in self.dirty:
            self.pages[number] = self._encoded(number * PAGE, self.changed)
            self.dirty.discard(number)
        return self.pages[number]

    def since(self, moment: datetime, number: int) -> bytes:
        """A page of what changed since `moment`: the young end of the list, and changed tasks."""
        first = bisect_left(range(self.count), moment, key=_modified)
        young = [index for index in range(first, self.count) if index not in self.changed]
        wanted = stamp(moment)
        moved = sorted(index for index, held in self.changed.items() if held["modified_at"] >= wanted)
        chosen = [*young, *moved][number * PAGE :]
        rows = [self.changed.get(index) or task(index) for index in chosen[:PAGE]]
        return _listing(rows, number + 1 if len(chosen) > PAGE else None)

    def _encoded(self, first: int, changed: dict[int, dict[str, Any]] | None = None) -> bytes:
        last = min(first + PAGE, self.count)
        rows = [(changed or {}).get(index) or task(index) for index in range(first, last)]
        return _listing(rows, last // PAGE if last < self.count else None)


def _modified(index: int) -> datetime:
    return datetime.fromisoformat(task(index)["modified_at"])


def _listing(rows: list[dict[str, Any]], following: int | None) -> bytes:
    offset = None if following is None else {"offset": f"p{following}", "path": "/tasks", "uri": "/tasks"}
    return _answer(200, {"data": rows, "next_page": offset})


def _answer(status: int, data: Any) -> bytes:
    body = orjson.dumps(data)
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Api:
    """Method, path and body in, an encoded answer out."""

    def __init__(self, tasks: Tasks) -> None:
        self.tasks = tasks
        self.latency = 0.0

    def answer(self, method: str, target: str, body: bytes) -> bytes:
        parts = urlsplit(target)
        path, query = parts.path.removeprefix(PREFIX), dict(parse_qsl(parts.query))
        data = orjson.loads(body) if body else {}
        if path == "/tasks" and method == "GET":
            return self._list(query)
        if path.startswith("/tasks/"):
            return self._one(method, path.removeprefix("/tasks/"), data)
        if path == "/batch":
            return _answer(200, {"data": [self._part(one) for one in data["data"]["actions"]]})
        return self._beside(path, data)

    def _list(self, query: dict[str, str]) -> bytes:
        number = int(query.get("offset", "p0")[1:])
        since = datetime.fromisoformat(query["modified_since"]) if "modified_since" in query else START
        return self.tasks.page(number) if since <= START else self.tasks.since(since, number)

    def _one(self, method: str, gid: str, data: dict[str, Any]) -> bytes:
        held = self.tasks.get(gid)
        if held is None:
            return _answer(404, {"errors": [{"message": "task: Unknown object"}]})
        if method == "PUT":
            held = self.tasks.change(index_of(gid), **data["data"])
        return _answer(200, {"data": held})

    def _part(self, action: dict[str, Any]) -> dict[str, Any]:
        held = self.tasks.get(action["relative_path"].rsplit("/", 1)[1])
        return {"status_code": 200 if held else 404, "headers": {}, "body": {"data": held}}

    def _beside(self, path: str, data: dict[str, Any]) -> bytes:
        if path == "/_bench":
            self._steer(data)
            return _answer(200, {"ok": True})
        if path == "/users/me":
            return _answer(200, {"data": {"gid": "1", "name": "Bench"}})
        if path == "/events":
            return _answer(200, {"data": [], "sync": "token", "has_more": False})
        return _answer(404, {"errors": [{"message": f"no such path: {path}"}]})

    def _steer(self, data: dict[str, Any]) -> None:
        if data.get("reset"):
            self.tasks.reset()
        self.tasks.touch(int(data.get("touch", 0)))
        self.latency = float(data.get("latency_ms", self.latency * 1000)) / 1000


class Connection(asyncio.Protocol):
    """Just enough of HTTP/1.1: one request at a time on a connection that stays open."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        lines = head.decode().split("\r\n")
        size = next((int(line[15:]) for line in lines if line.lower().startswith("content-length:")), 0)
        if len(rest) < size:
            return
        self.buffer = rest[size:]
        method, target, _ = lines[0].split(" ", 2)
        answer = self.api.answer(method, target, rest[:size])
        if self.api.latency and not target.startswith("/_bench"):
            asyncio.get_running_loop().call_later(self.api.latency, self.transport.write, answer)
        else:
            self.transport.write(answer)


async def serve(api: Api, port: int) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Connection(api), "127.0.0.1", port, backlog=128)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--port", type=int, default=0)
    chosen = parser.parse_args()
    asyncio.run(serve(Api(Tasks(chosen.tasks)), chosen.port))


if __name__ == "__main__":
    main()
