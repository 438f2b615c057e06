"""`retry_failed`: what was given up is tried again, without waiting for a change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError

from connectors.base.sandbox.faults import Fault
from integrations.models import FieldMapping, IntegrationMapping, ParkedRecord, PendingChange
from integrations.services import save_mapping
from tests.commands.run import run
from tests.engine.scene import Scene


def refuse_once(scene: Scene) -> None:
    scene.twin.faults.add(Fault("server_error", ("POST", "^/tasks$"), params={"status": 400, "message": "No."}))


def test_a_parked_record_of_ours_goes_out(scene: Scene) -> None:
    scene.sync()
    scene.here("refused")
    refuse_once(scene)
    scene.sync()
    scene.sync(full=True)
    assert scene.names_there() == []
    assert "1 of ours and 0 of theirs" in run("retry_failed", "Asana").out
    scene.sync()
    assert scene.names_there() == ["refused"]
    assert not ParkedRecord.objects.exists()


def test_a_parked_record_of_theirs_is_read_again(scene: Scene) -> None:
    scene.there("fits")
    gid = scene.there("x" * 1100)
    scene.sync()
    task = scene.twin.store.get("tasks", gid)
    assert task is not None
    scene.edit_there(gid, name="short now")
    task.modified_at -= timedelta(hours=1)  # nothing new for whoever asks for changes
    scene.sync()
    assert scene.titles_here() == ["fits"]
    assert "0 of ours and 1 of theirs" in run("retry_failed").out
    scene.sync()
    assert scene.titles_here() == ["fits", "short now"]


def test_a_link_in_error_is_tried_both_ways(scene: Scene) -> None:
    task = scene.here("a")
    scene.sync()
    scene.edit_here(task, {"title": "b"})
    scene.twin.faults.add(Fault("server_error", ("PUT", ""), params={"status": 400, "message": "No."}))
    scene.sync()
    assert IntegrationMapping.objects.get(resource_type="task").sync_status == "ERROR"
    scene.sync()
    assert scene.names_there() == ["a"]
    assert "1 link(s) in error" in run("retry_failed", "Asana").out
    scene.sync()
    assert scene.names_there() == ["b"]
    assert IntegrationMapping.objects.get(resource_type="task").sync_status == "SYNCED"


def test_a_postponed_push_is_due_now(scene: Scene) -> None:
    scene.sync()
    scene.here("later")
    scene.twin.faults.add(Fault("server_error", ("POST", "^/tasks$"), params={"status": 423}))
    scene.sync()
    assert PendingChange.objects.get().not_before is not None
    assert "1 postponed push(es)" in run("retry_failed", "Asana").out
    scene.sync()
    assert scene.names_there() == ["later"]


def test_a_record_that_fails_again_stays_parked_once(scene: Scene) -> None:
    scene.there("x" * 1100)
    scene.sync()
    run("retry_failed")
    scene.sync()
    assert ParkedRecord.objects.count() == 1


def test_nothing_to_do(scene: Scene) -> None:
    assert run("retry_failed").out.strip().endswith("Nothing to do.")


def test_an_unknown_name(scene: Scene) -> None:
    with pytest.raises(CommandError, match="There is no integration 'Nobody'"):
        run("retry_failed", "Nobody")


def test_a_new_mapping_tries_parked_records_by_itself(scene: Scene) -> None:
    scene.there("x" * 1100)
    scene.sync()
    document = FieldMapping.objects.get().document
    for rule in document["externalToInternal"]:
        if rule["externalField"] == "name":
            rule["externalField"] = "gid"
    document["internalToExternal"] = [r for r in document["internalToExternal"] if r["externalField"] != "name"]
    save_mapping(scene.asana, "task", document)
    scene.sync()
    assert len(scene.titles_here()) == 1
