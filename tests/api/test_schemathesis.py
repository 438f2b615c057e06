"""The API against its own OpenAPI document, with what Schemathesis makes of it: nothing is answered with a 5xx.

`SCHEMATHESIS_EXAMPLES` says how many calls each operation and mode gets (2). Every call is taken back afterwards.
"""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from celery.app.task import Task
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from records.api.audit import AuditLog
from tests.api.conftest import steward
from tests.engine.scene import Scene

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "2"))
TYPES = ("contact", "event", "item", "participation_log", "task")
"""Types of records that stand for all: they have every kind of field between them, behind the same views."""
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
bounded = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize="SCHEMATHESIS_EXAMPLES" not in os.environ,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def _alone(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Nothing is queued, and no name but the twin's leads anywhere."""
    monkeypatch.setattr(Task, "apply_async", lambda *_, **__: None)
    real = socket.getaddrinfo

    def here_only(host: Any, *args: Any, **options: Any) -> Any:
        if host not in ("127.0.0.1", "localhost", None):
            raise socket.gaierror("no such name")
        return real(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", here_only)
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_CLASSES": []}


def operations() -> Iterator[Any]:
    document = json.loads(OpenApiJsonRenderer().render(SchemaGenerator().get_schema(request=None, public=True)))
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        operation = found.ok()
        kind = re.match(r"/api/records/(\w+)", operation.path)
        if kind is None or kind[1] in TYPES:
            yield operation


@pytest.fixture
def ids(scene: Scene) -> dict[str, str]:
    """Path parameters that lead somewhere."""
    scene.there("a task")
    task = scene.here("ours")
    plan = scene.sync(dry_run=True).run
    return {
        "integration_id": str(scene.asana.pk), "run_id": str(plan.pk), "resource_type": "TASK", "record_id": task,
    }  # fmt: skip


@pytest.fixture
def patient(scene: Scene) -> APIClient:
    client = steward(scene.organization)
    client.raise_request_exception = False
    return client


@pytest.mark.usefixtures("_alone")
def test_no_call_makes_the_server_fail(patient: APIClient, ids: dict[str, str]) -> None:
    failed, asked = failures(patient, ids, operations())
    assert failed == {}, "\n".join(f"{where}: {what}" for where, what in failed.items())
    assert asked > 200


@pytest.mark.usefixtures("_alone")
def test_a_view_that_fails_would_be_seen(
    patient: APIClient, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise KeyError("project")

    monkeypatch.setattr(AuditLog, "get", fail)
    failed, _ = failures(patient, ids, [one for one in operations() if one.path == "/api/admin/audit"])
    assert list(failed) == ["GET /api/admin/audit"]


def failures(client: APIClient, ids: Mapping[str, str], chosen: Iterable[Any]) -> tuple[dict[str, str], int]:
    """Operation -> the call that it failed at, and how many calls there were."""
    failed: dict[str, str] = {}
    asked = 0

    for operation in chosen:
        takes_something = bool(list(operation.iter_parameters()) or list(operation.body))
        for mode in MODES if takes_something else MODES[:1]:  # nothing can be wrong with nothing

            @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans())
            @bounded
            def call(case: Any, known: bool) -> None:
                nonlocal asked
                asked += 1
                with transaction.atomic():
                    answer = _answer(client, case, ids if known else {})
                    transaction.set_rollback(True)
                if answer.status_code >= 500 and answer.status_code != 502:  # 502: nobody at a made-up address
                    failed.setdefault(f"{case.method} {case.path}", _told(case, answer))

            call()
    return failed, asked


def _answer(client: APIClient, case: Any, ids: Mapping[str, str]) -> Any:
    path = case.path
    for name, value in (case.path_parameters or {}).items():
        path = path.replace(f"{{{name}}}", quote(str(ids.get(name, value)), safe=""))
    pairs = [(name, _text(each)) for name, value in (case.query or {}).items() for each in _listed(value)]
    query = "&".join(f"{quote(str(name), safe='')}={quote(value, safe='')}" for name, value in pairs)
    body = b"" if isinstance(case.body, schemathesis.core.NotSet) else json.dumps(case.body, default=str).encode()
    address = f"{path}?{query}" if query else path
    return client.generic(case.method, address, body, content_type="application/json")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text.encode(errors="replace").decode()


def _told(case: Any, answer: Any) -> str:
    error = getattr(answer, "exc_info", None)
    return f"{case.path_parameters} {case.query} {str(case.body)[:400]} -> {error[1]!r:.400}" if error else str(case)
