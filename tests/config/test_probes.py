"""What process managers, load balancers and Prometheus ask."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from config.metrics import GAUGES, check_metrics
from integrations.health import check_all
from tests.health.factories import NOW, ConflictFactory, IntegrationFactory, RunFactory

TOKEN = {"Authorization": "Bearer m3trics-token"}


def test_the_process_is_alive_whatever_else_is_away(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
def test_it_is_ready_when_all_is_there() -> None:
    answer = Client().get("/readyz")
    expected = {"status": "ok", "checks": {"database": "ok", "redis": "ok", "migrations": "ok"}}
    assert (answer.status_code, answer.json()) == (200, expected)


@pytest.mark.django_db
def test_without_redis_it_is_not_ready_and_says_so(settings: Any) -> None:
    settings.REDIS_URL = "redis://:s3cret@127.0.0.1:9/0"
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "ok"
    assert "check REDIS_URL" in answer.json()["checks"]["redis"]
    assert b"s3cret" not in answer.content


@pytest.mark.django_db
def test_without_the_database_it_is_not_ready_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("connection to server at 10.0.0.7 failed: s3cret")

    monkeypatch.setattr(connection, "cursor", away)
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert "check DATABASE_URL" in answer.json()["checks"]["database"]
    assert b"s3cret" not in answer.content


@pytest.mark.django_db
def test_with_migrations_to_apply_it_is_not_ready() -> None:
    MigrationRecorder.Migration.objects.filter(app="conflicts").latest("pk").delete()
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["migrations"] == "1 migrations are not applied; run manage.py migrate."


def test_a_probe_is_only_asked() -> None:
    assert Client().post("/healthz").status_code == 405
    assert Client().post("/readyz").status_code == 405


@pytest.mark.django_db
def test_metrics_are_counted_for_who_has_the_token(settings: Any) -> None:
    settings.METRICS_TOKEN = "m3trics-token"
    integration = IntegrationFactory(name='Main "Asana"')
    RunFactory(integration=integration, status="RUNNING")
    ConflictFactory.create_batch(11, integration=integration)
    check_all(NOW)
    answer = Client().get("/metrics", headers=TOKEN)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    lines = answer.content.decode().splitlines()
    assert 'lockstep_integrations{status="ACTIVE"} 1.0' in lines
    assert "lockstep_runs_in_progress 1.0" in lines
    assert "lockstep_pending_conflicts 11.0" in lines
    assert 'lockstep_alerts{severity="INFO"} 1.0' in lines
    scored = f'lockstep_health_score{{integration="{integration.pk}",name="Main \\"Asana\\"",type="ASANA"}} 100.0'
    assert scored in lines
    assert {line.split()[2] for line in lines if line.startswith("# TYPE")} == set(GAUGES)


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic m3trics-token"}])
def test_nobody_else_sees_metrics(settings: Any, headers: dict[str, str]) -> None:
    settings.METRICS_TOKEN = "m3trics-token"
    answer = Client().get("/metrics", headers=headers)
    assert (answer.status_code, answer.content) == (401, b"")


@pytest.mark.django_db
def test_metrics_are_off_without_a_token(settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    assert Client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.django_db
def test_without_the_library_metrics_are_off_and_check_says_how_to_get_it(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.METRICS_TOKEN = "m3trics-token"
    assert check_metrics(None) == []
    monkeypatch.setattr("config.metrics.find_spec", lambda name: None)
    monkeypatch.delitem(sys.modules, "prometheus_client", raising=False)
    assert Client().get("/metrics", headers=TOKEN).status_code == 404
    (said,) = check_metrics(None)
    assert "pip install 'lockstep[metrics]'" in str(said.hint)
