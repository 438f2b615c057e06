"""Each yardstick: what is measured, against what, and the target. All in one run on one machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db import connection
from psycopg.conninfo import make_conninfo

from integrations.mapping.compiled import fingerprint
from integrations.mapping.compiler import compile_mapping
from integrations.services import field_specs
from records import catalog
from sync_engine.bench import boards, tasks
from sync_engine.bench.mapping import TASK
from sync_engine.bench.measure import EMPTY, Failed, Server, Took, manage, median, run, serving

SMALL = 10_000
PUSHES, CONNECTIONS, PUSH_LATENCY = 1_000, 8, 0.050
READ_LATENCY_MS = 20
REPEATS = 3
PAGE_MS = 100
"""Milliseconds that a page may spend in the database."""


@dataclass(frozen=True)
class Line:
    """One line of the table. `ours` and `floor` in `unit`; `target` is the greatest allowed ratio, or the
    greatest allowed `ours` where there is no floor; None = for comparison only."""

    name: str
    ours: float
    floor: float | None
    target: float | None
    unit: str = "s"
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return None if not self.floor else self.ours / self.floor

    @property
    def met(self) -> bool | None:
        if self.target is None:
            return None
        return (self.ours if self.ratio is None else self.ratio) <= self.target


@dataclass
class Bench:
    """`n` records in the large measurements; `small` in the others; `huge` adds a first import of that many; `acks`
    webhooks in a round."""

    n: int = 100_000
    small: int = SMALL
    pushes: int = PUSHES
    huge: int = 0
    acks: int = 1_500
    imports: dict[int, Took] = field(default_factory=dict)

    def lines(self, only: frozenset[str] = frozenset()) -> Iterator[Line]:
        """Lines as they are measured. `only` names groups of `GROUPS`."""
        for name, measure in GROUPS.items():
            if not only or name in only:
                yield from measure(self)


def environment(server: Server) -> dict[str, str]:
    return {
        "BENCH_BASE_URL": server.base_url,
        "BENCH_PROJECT": tasks.PROJECT["gid"],
        "ALLOW_PRIVATE_HOSTS": "1",
        "PUSH_IN_REAL_TIME": "0",
    }


def minimum(server: Server, what: str) -> Took:
    params = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    dsn = make_conninfo(**{name: params[name] for name in names if params.get(name)})
    return run(["-m", "sync_engine.bench.minimum", what, server.base_url, dsn], {})


def synced(server: Server, *options: str, expect: int | None = None) -> Took:
    """`sync bench` with these options; `expect` = how many records it must have handled."""
    took = manage(environment(server), "sync", "bench", "--json", *options)
    if expect is not None and took.said["records"] != expect:
        raise Failed(f"sync {' '.join(options)} handled {took.said['records']} records instead of {expect}.")
    return took


def imported(bench: Bench, server: Server, count: int) -> Took:
    """A first import into an empty database."""
    manage(environment(server), "bench_setup")
    took = synced(server, expect=count)
    bench.imports.setdefault(count, took)
    return took


def large(bench: Bench) -> Iterator[Line]:
    """First import and full rescan, against the hand-written minimum."""
    with serving(bench.n) as server:
        least = minimum(server, "import")
        again = minimum(server, "rescan")
        ours = imported(bench, server, bench.n)
        yield Line(f"first import of {bench.n:,}", ours.wall_s, least.wall_s, 2.0, note="hand-written minimum")
        before = rows()
        rescan = synced(server, "--full", expect=bench.n)
        if rows() != before:
            raise Failed("A rescan that finds nothing wrote rows.")
        yield Line(f"full rescan of {bench.n:,}", rescan.wall_s, again.wall_s, 2.0, note="hand-written minimum")
        yield Line("peak memory of the rescan", rescan.peak_mb, None, 120, "MB")


def latency(bench: Bench) -> Iterator[Line]:
    """Reading hides the database."""
    with serving(bench.small) as server:
        manage(environment(server), "bench_setup")
        server.steer(latency_ms=READ_LATENCY_MS)
        floor, ours = minimum(server, "read"), synced(server, expect=bench.small)
        name = f"import of {bench.small:,} at {READ_LATENCY_MS} ms"
        yield Line(name, ours.work_s, floor.work_s, 1.25, note="reading and parsing alone")


def small(bench: Bench) -> Iterator[Line]:
    """Runs with nothing, or little, to do, against the start-up of an empty command."""
    with serving(bench.small) as server:
        imported(bench, server, bench.small)
        empty = median([run(["-c", EMPTY], environment(server)) for _ in range(REPEATS)])
        quiet = median([synced(server) for _ in range(REPEATS)])
        yield Line(f"no-change run at {bench.small:,}", quiet.wall_s, empty.wall_s, 1.3, note="empty command")
        yield Line(
            f"1 % changed at {bench.small:,}", _one_percent(bench, server), empty.wall_s, 1.3, note="empty command"
        )


def _one_percent(bench: Bench, server: Server) -> float:
    found = []
    for _ in range(REPEATS):
        server.steer(touch=bench.small // 100)
        found.append(synced(server))
        if found[-1].said["records"] < bench.small // 100:
            raise Failed("The run did not see the changed records.")
    return median(found).wall_s


def memory(bench: Bench) -> Iterator[Line]:
    """Peak memory, and time per record, by size."""
    for count in sorted({bench.small, bench.n, bench.huge} - {0}):
        if count not in bench.imports:
            with serving(count) as server:
                imported(bench, server, count)
        yield Line(f"peak memory, import of {count:,}", bench.imports[count].peak_mb, None, 120, "MB")
    if bench.huge:
        each = [bench.imports[count].work_s / count * 1e6 for count in (bench.huge, bench.n)]
        yield Line(f"time per record at {bench.huge:,}", each[0], each[1], 1.2, "us", f"at {bench.n:,}")


def pushes(bench: Bench) -> Iterator[Line]:
    """Local edits going out over parallel connections."""
    with serving(bench.small) as server:
        imported(bench, server, bench.small)
        manage(environment(server), "bench_dirty", str(bench.pushes))
        server.steer(latency_ms=PUSH_LATENCY * 1000)
        ours = synced(server, "--direction", "push", expect=bench.pushes)
        floor = bench.pushes * PUSH_LATENCY / CONNECTIONS
        name = f"{bench.pushes:,} pushes at {PUSH_LATENCY * 1000:.0f} ms"
        yield Line(name, ours.work_s, floor, 1.15, note=f"{CONNECTIONS} connections, writes alone")
        yield Line(name, ours.work_s, floor * 1.1, None, note="the same with the reads before them, ten a call")


def compare(bench: Bench) -> Iterator[Line]:
    """An unchanged record: the fingerprint of its mapped tuple against the one on its link."""
    mapping = compile_mapping(TASK, field_specs(catalog.get("task")))
    values = [mapping.read_external(tasks.task(index)) for index in range(1_000)]
    known = [fingerprint(one) for one in values]
    best = min(_compared(values, known) for _ in range(20))
    yield Line("compare of an unchanged record", best / len(values) * 1e6, None, 3.0, "us")


def _compared(values: list[tuple[object, ...]], known: list[bytes]) -> float:
    started = time.perf_counter()
    for one, held in zip(values, known, strict=True):
        if fingerprint(one) != held:
            raise Failed("An unchanged record looks changed.")
    return time.perf_counter() - started


def django(bench: Bench) -> Iterator[Line]:
    """What plain Django takes for the same rows. For comparison."""
    with serving(bench.n) as server:
        for what, count in (("bulk_create", bench.n), ("update_or_create", min(bench.n, 2_000))):
            manage(environment(server), "bench_setup")
            took = run(["-m", "sync_engine.bench.orm", what, server.base_url, str(count)], environment(server))
            extrapolated = "" if count == bench.n else f", extrapolated from {count:,}"
            yield Line(f"Django {what}", took.work_s * bench.n / count, None, None, note=f"{bench.n:,}{extrapolated}")


def acks(bench: Bench) -> Iterator[Line]:
    """Webhook acknowledgements, against views that check the signature and write one row."""
    from sync_engine.bench.acks import acks as measured

    yield from measured(bench)


def freshness(bench: Bench) -> Iterator[Line]:
    """From a change at the provider to our committed record, with the processes of the Procfile."""
    from sync_engine.bench.freshness import measure

    found = measure()
    note = f"{found.edits} edits, {found.per_second:.0f} a second; worst {found.worst:.0f} ms"
    yield Line("change there to record here, p50", found.p50, None, 300, "ms", note)
    yield Line("change there to record here, p99", found.p99, None, 2000, "ms", note)


def on_a_board(bench: Bench) -> Iterator[Line]:
    """Jobs put on a board: items, links with bases, log and outbox rows, against the items alone."""
    found = boards.measure(bench.small)
    note = "Django bulk_create of the items alone"
    yield Line(f"{bench.small:,} jobs put on a board", found.first, found.plain, 4.0, note=note)
    yield Line("... and a run that finds nothing to do", found.again, None, None)
    note = "Django bulk_update of the items alone"
    yield Line(f"{bench.small:,} jobs edited, their items updated", found.changed, found.updated, 2.5, note=note)


def pages(bench: Bench) -> Iterator[Line]:
    """Every main page of the console, on an installation with ten times as many log rows as links."""
    from sync_engine.bench.pages import figures

    for found in figures(bench.n, 10 * bench.n):
        yield Line(found.page, found.ms, None, PAGE_MS, "ms", f"{found.statements} statements")


GROUPS: dict[str, Callable[[Bench], Iterator[Line]]] = {
    "large": large,
    "latency": latency,
    "small": small,
    "memory": memory,
    "pushes": pushes,
    "compare": compare,
    "django": django,
    "acks": acks,
    "freshness": freshness,
    "boards": on_a_board,
    "pages": pages,
}


def rows() -> dict[str, int]:
    """Rows of records, links and audit."""
    counted = {}
    with connection.cursor() as cursor:
        for table in ("records_task", "integrations_integrationmapping", "integrations_synclog", "records_localchange"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            counted[table] = int(cursor.fetchone()[0])
    return counted
