"""`check_integration`: facts, and a sentence for every failure."""

from __future__ import annotations

import pytest
from django.core.management import CommandError

from connectors.base.sandbox.faults import Fault
from connectors.base.sandbox.server import serve
from connectors.generic_rest.presets import preset
from connectors.generic_rest.sandbox import GenericRestTwin
from integrations.enums import IntegrationStatus
from integrations.models import FieldMapping, Integration, JobExecution
from integrations.services import create_integration
from tests.commands.run import run
from tests.engine.scene import Scene


def test_a_well_integration(scene: Scene) -> None:
    scene.there("a")
    scene.sync()
    scene.here("waits")
    said = run("check_integration", "Asana")
    assert (said.status, said.err) == (0, "")
    for fact in (
        "Account: Lockstep",
        "Direction: Both ways; hourly",
        "version 1, 5 fields, read and written; 1 linked",
    ):
        assert fact in said.out
    assert "Last run: " in said.out
    assert "All is well." in said.out


def test_it_writes_nothing(scene: Scene) -> None:
    scene.here("a")
    run("check_integration", "Asana")
    assert (scene.writes_there(), JobExecution.objects.count()) == (0, 0)


def test_wrong_credentials(scene: Scene) -> None:
    scene.asana.credentials = {"token": "wrong-secret"}
    scene.asana.save()
    said = run("check_integration", "Asana")
    assert said.status == 1
    assert "The connection does not work: Not Authorized (HTTP 401). Enter new credentials" in said.err
    assert "wrong-secret" not in said.out + said.err


def test_another_account(scene: Scene) -> None:
    Integration.objects.update(account_id="elsewhere")
    said = run("check_integration", scene.asana.pk)
    assert said.status == 1
    assert "made for elsewhere" in said.err


def test_a_paused_one(scene: Scene) -> None:
    Integration.objects.update(status=IntegrationStatus.PAUSED)
    assert "It is paused, so nothing is synced. Resume it" in run("check_integration", "Asana").err


def test_a_broken_mapping(scene: Scene) -> None:
    FieldMapping.objects.update(document={"resourceType": "TASK"})
    said = run("check_integration", "Asana")
    assert said.status == 1
    assert "The mapping cannot be used" in said.err


def test_parked_records_with_their_reasons_and_the_failed_run(scene: Scene) -> None:
    gid = scene.there("x" * 1100)
    scene.sync()
    scene.twin.faults.add(Fault("html", ("GET", "^/tasks$")))
    scene.sync()
    said = run("check_integration", "Asana")
    assert said.status == 1
    assert "Parked: 1; mend what they name, then run retry_failed" in said.out
    assert f"task {gid}: name -> title:" in said.out
    assert "The last run failed: " in said.err


def test_a_configured_connector_is_probed(scene: Scene) -> None:
    twin = GenericRestTwin()
    twin.seed_demo(3)
    config = preset("plain")
    config["resources"] = {key: config["resources"][key] for key in ("task", "contact")}  # the first is the check
    with serve(0, [twin]) as server:
        create_integration(
            scene.organization,
            name="Crm",
            type="GENERIC_REST",
            base_url=server.url_of("generic_rest"),
            auth_type="BEARER_TOKEN",
            credentials={"token": "sandbox-token"},
            data_types=["CONTACTS"],
            settings={"config": config},
        )
        said = run("check_integration", "Crm")
        assert "Probe of contact, list: green" in said.out
        twin.faults.add(Fault("server_error", ("GET", "^/contacts"), times=None, params={"status": 404}))
        said = run("check_integration", "Crm")
    assert said.status == 1
    assert "contact, list: " in said.err


def test_an_unknown_name(scene: Scene) -> None:
    with pytest.raises(CommandError, match=r"There is no integration 'Nobody'\. There are: 'Asana'"):
        run("check_integration", "Nobody")
