"""The logs: filters, bounded pages, payloads, export."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from console.logs import window
from console.logs.asked import first_id_at
from integrations.models import SyncLog
from tests.console.asking import opened
from tests.engine.scene import Scene

MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)


def log(scene: Scene, **changes: Any) -> SyncLog:
    values: dict[str, Any] = {
        "integration": scene.asana,
        "operation": "UPDATE",
        "direction": "LOCAL_TO_EXTERNAL",
        "resource_type": "task",
        "status": "SUCCESS",
        "created_at": MIDNIGHT,
    }
    return SyncLog.objects.create(**{**values, **changes})


def shown(client: Client, **query: Any) -> list[int]:
    return [one.pk for one in client.get(reverse("console:logs"), query).context["page"]]


def exported(client: Client, **query: Any) -> list[dict[str, str]]:
    answer = client.get(reverse("console:logs_csv"), query)
    assert answer["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(b"".join(answer.streaming_content).decode().splitlines()))  # type: ignore[attr-defined]


def test_each_filter_narrows(scene: Scene, steward: Client) -> None:
    plain = log(scene)
    failed = log(scene, status="FAILED", external_id="gid-1", operation="CREATE")
    inward = log(scene, direction="EXTERNAL_TO_LOCAL", resource_type="member")
    assert shown(steward) == [inward.pk, failed.pk, plain.pk]
    assert shown(steward, status="FAILED") == [failed.pk]
    assert shown(steward, operation="CREATE") == [failed.pk]
    assert shown(steward, direction="EXTERNAL_TO_LOCAL") == [inward.pk]
    assert shown(steward, resource_type="member") == [inward.pk]
    assert shown(steward, record="gid-1") == [failed.pk]
    assert "No log row fits" in opened(steward, "logs", status="PARTIAL_SUCCESS")


def test_a_record_is_found_by_its_id_on_either_side(scene: Scene, steward: Client) -> None:
    gid = scene.there("a")
    scene.sync()
    scene.there("b")
    scene.sync()
    (found,) = SyncLog.objects.filter(external_id=gid)
    assert shown(steward, record=gid) == shown(steward, record=found.resource_id) == [found.pk]


def test_days_are_those_of_the_viewer(scene: Scene, steward: Client) -> None:
    before, after = log(scene, created_at=MIDNIGHT - timedelta(hours=1)), log(scene, created_at=MIDNIGHT)
    assert shown(steward, since="2026-03-01") == [after.pk]
    assert shown(steward, until="2026-02-28") == [before.pk]
    steward.cookies["lockstep_timezone"] = "Asia/Tokyo"
    assert shown(steward, since="2026-03-01", until="2026-03-01") == [after.pk, before.pk]


def test_the_first_row_of_a_moment_is_found(scene: Scene) -> None:
    rows = [log(scene, created_at=MIDNIGHT + timedelta(hours=number)) for number in range(10)]
    SyncLog.objects.filter(pk=rows[4].pk).delete()
    for number in (0, 3, 5, 9):
        assert first_id_at(rows[number].created_at) <= rows[number].pk
        assert number == 0 or first_id_at(rows[number].created_at) > rows[number - 1].pk - (number == 5)
    assert first_id_at(MIDNIGHT + timedelta(days=9)) == rows[-1].pk + 1


def test_a_page_looks_through_so_many_rows_and_then_offers_to_look_on(
    scene: Scene, steward: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "WINDOW", 5)
    wanted = log(scene, status="FAILED")
    for _ in range(12):
        log(scene)
    place = reverse("console:logs")
    page = steward.get(place, {"status": "FAILED"}).context["page"]
    steps = 0
    while not page.rows:
        page = steward.get(place + page.older).context["page"]
        steps += 1
    assert ([one.pk for one in page], steps) == ([wanted.pk], 2)
    assert page.older == ""


def test_rows_of_others_are_neither_shown_nor_exported(scene: Scene, stranger: Client) -> None:
    row = log(scene)
    assert shown(stranger) == []
    assert exported(stranger) == []
    assert shown(stranger, integration=str(scene.asana.pk)) == []
    assert stranger.get(reverse("console:log", args=[row.pk])).status_code == 404
    assert stranger.get(reverse("console:integration_logs", args=[scene.asana.pk])).status_code == 404


def test_a_row_shows_its_payload(scene: Scene, steward: Client) -> None:
    row = log(
        scene, before={"name": "Old"}, after={"name": "New"}, error_message="Quota exceeded", http_status=429,
        request_payload={"data": {"name": "New"}},
    )  # fmt: skip
    page = opened(steward, "log", row.pk)
    assert "name Old New" in page
    assert "Quota exceeded" in page
    assert "What was sent" in page


def test_the_export_holds_every_chosen_row_and_no_formula(
    scene: Scene, steward: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.log_csv.CHUNK", 2)
    rows = [log(scene, cause="=HYPERLINK(1)", after={"name": "Zoë"}) for _ in range(5)]
    log(scene, operation="DELETE")
    found = exported(steward, operation="UPDATE")
    assert [int(one["id"]) for one in found] == [one.pk for one in reversed(rows)]
    assert {one["cause"] for one in found} == {"'=HYPERLINK(1)"}
    assert {one["after"] for one in found} == {'{"name": "Zoë"}'}
    assert {one["integration"] for one in found} == {"Asana"}
