"""Webhook acknowledgements per second: verified, deduplicated, stored and queued, against a plain signed view that
writes one row, on the same web server in the same run: that of the Procfile, and gunicorn where it is installed."""

from __future__ import annotations

import contextlib
import os
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import orjson
from django.conf import settings
from django.core.management import call_command

from connectors.base.webhooks import DefaultWebhooks
from connectors.generic_rest.presets import preset
from integrations.models import Integration
from integrations.services import create_integration
from records.models import Organization
from sync_engine.bench import stage
from sync_engine.bench.measure import Failed, run
from sync_engine.bench.yardsticks import Bench, Line
from sync_engine.ports import ports

CONNECTIONS, PROCESSES, THREADS, ROUNDS = 16, 2, 8, 3
ORM_TARGET, RAW_TARGET, P99_TARGET = 1 / 1.3, 1 / 0.7, 50.0
"""Time per acknowledgement against the plain ORM view and against one statement; 99th percentile in ms."""
APPLICATION = "sync_engine.bench.ack_wsgi:application"
SERVERS = {
    "granian": lambda port: [
        *("granian", "--interface", "wsgi", APPLICATION, "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", str(PROCESSES), "--blocking-threads", str(THREADS), "--log-level", "warning"),
    ],
    "gunicorn": lambda port: [
        *("gunicorn", APPLICATION, "--bind", f"127.0.0.1:{port}", "--log-level", "warning"),
        *("--workers", str(PROCESSES), "--threads", str(THREADS)),
    ],
}


@dataclass(frozen=True)
class Rate:
    """Of several rounds the median: calls per second, and the latency in ms."""

    per_second: float
    p50: float
    p99: float


def acks(bench: Bench) -> Iterator[Line]:
    """Every server, every view; the rounds of the views take turns, so that noise hits all alike."""
    integration, secret = _integration(), stage.SECRET
    for name in (one for one in SERVERS if find_spec(one)):
        with _serving(name, secret) as port:
            rates = _measured(port, integration, secret, bench.acks)
        ours, orm, raw = rates["ours"], rates["orm"], rates["raw"]
        each = 1000 / ours.per_second
        label = f"webhook ack, {name}"
        said = f"{ours.per_second:.0f}/s"
        yield Line(label, each, 1000 / orm.per_second, ORM_TARGET, "ms", f"{said}; plain ORM {orm.per_second:.0f}/s")
        yield Line(label, each, 1000 / raw.per_second, RAW_TARGET, "ms", f"{said}; raw SQL {raw.per_second:.0f}/s")
        yield Line(f"p99 of acks, {name}", ours.p99, None, P99_TARGET, "ms", f"p50 {ours.p50:.1f} ms")


def _integration() -> Integration:
    """Of a plain REST API whose webhooks only name the record, signed as R1 says."""
    call_command("migrate", verbosity=0, interactive=False)
    stage.clear()
    document = preset("plain")
    document["webhook"] = {"kind": "hmac", "header": "X-Webhook-Signature"}
    return create_integration(
        Organization.objects.create(name=stage.NAME, slug=stage.NAME),
        name=stage.NAME,
        type="GENERIC_REST",
        base_url="http://127.0.0.1:9",
        auth_type="BEARER_TOKEN",
        credentials={"token": "bench"},
        data_types=["CONTACTS"],
        settings={"config": document},
        sync_frequency="MANUAL",
        webhook_secret={"current": stage.SECRET},
    )


def _measured(port: int, integration: Integration, secret: str, count: int) -> dict[str, Rate]:
    places = {
        "orm": f"/bench/orm/{integration.pk}",
        "raw": f"/bench/raw/{integration.pk}",
        "ours": integration.webhook_endpoint,
    }
    found: dict[str, list[Mapping[str, Any]]] = {name: [] for name in places}
    for number in range(-1, ROUNDS):
        for name, place in places.items():
            said = _load(port, [_call(place, secret, f"{number}-{one}") for one in range(count)])
            if number >= 0:  # the first round is for warming up
                found[name].append(said)
    return {name: _median(rounds) for name, rounds in found.items()}


def _median(rounds: list[Mapping[str, Any]]) -> Rate:
    return Rate(*(statistics.median(float(one[key]) for one in rounds) for key in ("rate", "p50_ms", "p99_ms")))


def _call(place: str, secret: str, record: str) -> bytes:
    body = orjson.dumps(
        {"event": "contact.updated", "data": {"id": record, "email": "rosa@example.com", "first_name": "Rosa"}}
    )
    signed = DefaultWebhooks().sign("contact.updated", body, secret, at=ports().clock.now())
    lines = [f"POST {place} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    lines += [f"Content-Length: {len(body)}", *(f"{name}: {value}" for name, value in signed.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _load(port: int, calls: list[bytes]) -> Mapping[str, Any]:
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"".join(struct.pack("!I", len(call)) + call for call in calls))
        file.flush()
        where = ["127.0.0.1", str(port), str(CONNECTIONS), file.name]
        said = run(["-m", "sync_engine.bench.ack_load", *where], {}).said
    if said["statuses"] != {"200": len(calls)}:
        raise Failed(f"Not every webhook was acknowledged: {said['statuses']}")
    return said


@contextlib.contextmanager
def _serving(name: str, secret: str) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {**os.environ, "BENCH_WEBHOOK_SECRET": secret, "DEMO": "1", "LOG_LEVEL": "ERROR"}
    process = subprocess.Popen(
        [sys.executable, "-m", *SERVERS[name](port)], cwd=settings.BASE_DIR, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(port, name)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int, name: str) -> None:
    """Until it listens; the first call waits for the application."""
    clock = ports().clock
    end = clock.monotonic() + 60
    while clock.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except OSError:
            clock.sleep(0.2)
    raise Failed(f"{name} did not start.")
