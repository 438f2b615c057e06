"""What bad input gets: a sentence that says what to do, a row that shows it, nothing lost, the rest goes on."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command

from connectors.asana.sandbox import AsanaTwin
from connectors.base.http import HttpRequest, HttpResponse
from connectors.base.sandbox.faults import Fault
from connectors.base.sandbox.server import free_port, serve
from integrations.enums import IntegrationStatus, JobStatus, MappingStatus
from integrations.models import FieldMapping, IntegrationMapping, ParkedRecord, PendingChange, SyncLog
from integrations.services import save_mapping
from records.models import Task
from sync_engine.running import runs
from tests.engine.scene import Scene

TASKS = ("GET", "^/tasks$")


def failed(result: runs.Result) -> str:
    """The sentence of a run that could not go on, which stands on the run and on the integration."""
    assert result.run.status == JobStatus.FAILED
    integration = result.run.integration
    assert integration is not None
    assert result.run.error_message == integration.last_error_message == result.error
    assert result.run.lease_until is None
    assert not integration.cursors.exclude(lease_owner="").exists()
    return result.error


def recovers(scene: Scene) -> None:
    """Nothing was lost: the next run brings both sides together."""
    scene.sync()
    assert scene.titles_here() == scene.names_there() == ["here", "there"]


@pytest.fixture
def both(scene: Scene) -> Scene:
    """One task on each side, neither known to the other."""
    scene.there("there")
    scene.here("here")
    return scene


def test_an_unknown_integration_is_told_what_there_is(scene: Scene) -> None:
    with pytest.raises(CommandError, match=r"There is no integration 'Asanna'. There are: 'Asana'."):
        call_command("sync", "Asanna")


def test_an_unknown_resource_is_told_what_is_mapped(scene: Scene) -> None:
    assert failed(scene.sync(resource_types=("invoice",))) == ("'Asana' has no mapping for invoice. It maps: task.")


def test_wrong_credentials(both: Scene) -> None:
    both.asana.credentials = {"token": "wrong"}
    both.asana.save()
    sentence = failed(both.sync())
    assert "(HTTP 401)" in sentence
    assert "new credentials" in sentence
    both.asana.refresh_from_db()
    assert both.asana.status == IntegrationStatus.ERROR
    both.asana.credentials = {"token": "sandbox-token"}
    both.asana.save()
    recovers(both)
    assert both.asana.status == IntegrationStatus.ACTIVE


def test_a_project_that_does_not_exist(both: Scene) -> None:
    settings, both.asana.settings = both.asana.settings, {"project": "404404"}
    both.asana.save()
    sentence = failed(both.sync())
    assert "404404" in sentence
    assert "Check the address and the settings" in sentence
    both.asana.settings = settings
    both.asana.save()
    recovers(both)


def test_missing_credentials_are_named(both: Scene) -> None:
    both.asana.credentials = {}
    both.asana.save()
    assert "token" in failed(both.sync()).lower()


def test_an_unreachable_host(both: Scene) -> None:
    good, both.asana.base_url = both.asana.base_url, f"http://127.0.0.1:{free_port()}/api/1.0"
    both.asana.save()
    assert "127.0.0.1" in failed(both.sync())
    both.asana.base_url = good
    both.asana.save()
    recovers(both)


def test_a_host_that_does_not_exist(both: Scene) -> None:
    both.asana.base_url = "http://asana.invalid/api/1.0"
    both.asana.save()
    assert "'asana.invalid' cannot be resolved" in failed(both.sync())


def test_a_private_address_is_refused(both: Scene, settings: Any) -> None:
    settings.ALLOW_PRIVATE_HOSTS = False
    sentence = failed(both.sync())
    assert "a private or local address" in sentence
    assert "Use a public address" in sentence
    assert not both.twin.log
    settings.ALLOW_PRIVATE_HOSTS = True
    recovers(both)


def test_a_malformed_mapping_stops_the_run_before_it_touches_anything(both: Scene) -> None:
    mapping = FieldMapping.objects.get()
    FieldMapping.objects.create(
        integration=both.asana,
        resource_type="task",
        version=2,
        document={"resourceType": "TASK", "externalToInternal": [{"externalField": "name", "internalField": "titel"}]},
    )
    sentence = failed(both.sync())
    assert sentence.startswith("The mapping cannot be used: ")
    assert "titel" in sentence
    assert both.writes_there() == 0
    save_mapping(both.asana, "task", mapping.document)
    recovers(both)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault("html", TASKS), "web page"),
        (Fault("truncated", TASKS, times=3), "JSON"),
        (Fault("truncated", TASKS, times=3, params={"connection": True}), "did not arrive whole"),
        (Fault("ok_with_error_body", TASKS, times=3), "Server Error"),
        (Fault("server_error", TASKS, times=3), "HTTP 500"),
        (Fault("rate_limited", TASKS, params={"retry_after": 1}), "HTTP 429"),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
def test_an_answer_that_is_no_listing(both: Scene, fault: Fault, words: str) -> None:
    both.twin.faults.add(fault)
    assert words in failed(both.sync())
    both.twin.faults.clear()
    assert both.titles_here() == ["here"]
    recovers(both)


def test_a_listing_that_breaks_off_deletes_nothing(scene: Scene) -> None:
    for number in range(250):
        scene.there(f"task {number:03}")
    scene.sync()
    scene.twin.faults.add(Fault("shifting_pages", TASKS, params={"by": 1}, times=None))
    scene.twin.faults.add(Fault("html", ("GET", "^/tasks$"), times=1))
    assert failed(scene.sync(full=True))
    scene.twin.faults.clear()
    assert len(scene.titles_here()) == 250


def test_writes_that_answer_nonsense_make_no_duplicate(scene: Scene) -> None:
    scene.sync()
    for kind in ("truncated", "ok_with_error_body", "html", "lose_response"):
        scene.here(kind)
        scene.twin.faults.add(Fault(kind, ("POST", "^/tasks$")))
        result = scene.sync()
        assert PendingChange.objects.get().reason in result.failures, kind
        PendingChange.objects.update(not_before=None)
        scene.sync()
        assert scene.names_there() == scene.titles_here(), kind
    assert not PendingChange.objects.exists()


def test_a_record_that_fails_validation_is_parked_and_the_others_pass(scene: Scene) -> None:
    bad = scene.there("x" * 1100)
    scene.there("good")
    result = scene.sync()
    assert (result.run.status, result.run.error_count, scene.titles_here()) == (JobStatus.COMPLETED, 1, ["good"])
    parked = ParkedRecord.objects.get()
    assert (parked.record_id, parked.side) == (bad, "EXTERNAL")
    assert "title" in parked.reason
    assert "1024" in parked.reason
    assert SyncLog.objects.get(status="FAILED").error_message == parked.reason
    scene.edit_there(bad, name="short")
    scene.sync()
    assert scene.titles_here() == ["good", "short"]
    assert not ParkedRecord.objects.exists()


def test_a_linked_record_that_becomes_invalid_keeps_its_value_and_says_why(scene: Scene) -> None:
    gid = scene.there("good")
    scene.sync()
    scene.edit_there(gid, name="x" * 1100)
    scene.there("new")
    logs = SyncLog.objects.count()
    scene.sync(dry_run=True)
    assert SyncLog.objects.count() == logs
    assert not IntegrationMapping.objects.exclude(sync_status=MappingStatus.SYNCED).exists()
    scene.sync()
    link = IntegrationMapping.objects.get(external_id=gid)
    assert (link.sync_status, scene.titles_here()) == (MappingStatus.ERROR, ["good", "new"])
    assert "1024" in link.reason
    scene.edit_there(gid, name="good again")
    scene.sync()
    link.refresh_from_db()
    assert (link.sync_status, link.reason, scene.titles_here()) == (MappingStatus.SYNCED, "", ["good again", "new"])


def test_a_record_that_asana_refuses_is_parked_with_its_words(scene: Scene) -> None:
    scene.sync()
    ours = {scene.here(title): title for title in ("one", "two")}
    scene.twin.faults.add(
        Fault("server_error", ("POST", "^/tasks$"), params={"status": 400, "message": "name: Not today"})
    )
    scene.sync()
    parked = ParkedRecord.objects.get()
    refused = ours.pop(parked.record_id)
    assert (parked.side, "name: Not today" in parked.reason) == ("LOCAL", True)
    assert scene.names_there() == [*ours.values()] != [refused]


class Stuttering(AsanaTwin):
    """Every page of tasks is the first one, and names a next one, until `well`."""

    well = False

    def handle(self, request: HttpRequest) -> HttpResponse:
        if self.well or request.method != "GET" or "/tasks?" not in request.url:
            return super().handle(request)
        answer = super().handle(replace(request, url=re.sub("&offset=[^&]*", "", request.url)))
        data = orjson.loads(answer.body) | {"next_page": {"offset": self.ids.new(), "path": "", "uri": ""}}
        return HttpResponse(answer.status, answer.headers, orjson.dumps(data))


def test_a_page_that_repeats_forever_ends_the_reading(whole_runs: None) -> None:
    twin = Stuttering()
    with serve(0, [twin]) as server:
        scene = Scene(twin, server)
        scene.there("there")
        scene.here("here")
        sentence = failed(scene.sync())
        assert "the same records as the page before" in sentence
        assert "Check the paging settings" in sentence
        assert not scene.asana.cursors.get(resource_type="task").complete
        twin.well = True
        recovers(scene)


class Skewed:
    """The provider's clock, wrong by `by`."""

    def __init__(self, by: timedelta) -> None:
        self.by = by

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by

    def monotonic(self) -> float:
        from time import monotonic

        return monotonic()

    def sleep(self, seconds: float) -> None:
        from time import sleep

        sleep(seconds)


@pytest.mark.parametrize("by", [timedelta(hours=1), timedelta(hours=-1)], ids=["ahead", "behind"])
def test_an_hour_of_clock_skew_loses_and_repeats_nothing(whole_runs: None, by: timedelta) -> None:
    twin = AsanaTwin(clock=Skewed(by))
    with serve(0, [twin]) as server:
        scene = Scene(twin, server)
        gid = scene.there("a")
        scene.sync()
        for number in range(3):
            scene.edit_there(gid, name=f"a {number}")
            scene.there(f"b {number}")
            scene.here(f"c {number}")
            scene.sync()
            assert scene.titles_here() == scene.names_there()
        writes, logs = scene.writes_there(), SyncLog.objects.count()
        scene.sync()
        assert (scene.writes_there(), SyncLog.objects.count()) == (writes, logs)


@pytest.mark.parametrize("by", [timedelta(hours=1), timedelta(hours=-1)], ids=["ahead", "behind"])
def test_a_lost_create_is_found_across_an_hour_of_skew(whole_runs: None, by: timedelta) -> None:
    twin = AsanaTwin(clock=Skewed(by))
    with serve(0, [twin]) as server:
        scene = Scene(twin, server)
        scene.sync()
        scene.here("lost")
        twin.faults.add(Fault("lose_response", ("POST", "^/tasks$")))
        scene.sync()
        PendingChange.objects.update(not_before=None)
        scene.sync()
        assert scene.names_there() == ["lost"]


@pytest.mark.parametrize("by", [timedelta(hours=1), timedelta(hours=-1)], ids=["ahead", "behind"])
def test_the_later_edit_wins_in_one_time_for_both(whole_runs: None, by: timedelta) -> None:
    twin = AsanaTwin(clock=Skewed(by))
    with serve(0, [twin]) as server:
        scene = Scene(twin, server)
        first, second = scene.there("first"), scene.there("second")
        scene.sync()
        ours = {task.title: task.pk for task in Task.objects.all()}
        now = datetime.now(UTC)
        scene.edit_there(first, name="theirs")
        scene.edit_there(second, name="theirs too")
        scene.edit_here(ours["first"], {"title": "ours, later"}, now=now + timedelta(seconds=60))
        scene.edit_here(ours["second"], {"title": "ours, earlier"}, now=now - timedelta(seconds=60))
        scene.sync()
        assert scene.titles_here() == scene.names_there() == ["ours, later", "theirs too"]
