"""Creates whose answer was lost, at an API that only the natural key tells apart and whose index lags."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.base.sandbox.faults import Fault
from connectors.base.sandbox.server import serve
from connectors.generic_rest.sandbox import GenericRestTwin
from integrations.models import Intent, PendingChange
from integrations.services import save_mapping
from records import catalog, services
from sync_engine.ports import bound
from sync_engine.simulation.chance import VirtualClock
from tests.engine.rest_scene import RestScene, mapping
from tests.engine.scene import PERSON

NAME = {"externalField": "first_name", "internalField": "firstName", "transform": "string"}
MAIL = {"externalField": "email", "internalField": "email", "transform": "string"}
LAG = timedelta(seconds=6)


@pytest.fixture
def clock() -> Iterator[VirtualClock]:
    made = VirtualClock(datetime.now(UTC).replace(microsecond=0))
    with bound(clock=made):
        yield made


@pytest.fixture
def rest(whole_runs: None, clock: VirtualClock) -> Iterator[RestScene]:
    """A contact of ours reached the API, and no answer came."""
    twin = GenericRestTwin(clock=clock)
    with serve(0, [twin]) as running:
        scene = RestScene(twin, running)
        scene.connect("contact", "contacts", mapping("contact", [NAME, MAIL]), "CONTACTS")
        rule = scene.integration.settings["config"]["resources"]["contact"]
        rule["create"]["natural_key"] = ["email"]
        scene.integration.save()
        scene.sync()
        contact = {"firstName": "Rosa", "email": "rosa@example.org"}
        services.create(catalog.get("contact"), str(scene.organization.pk), contact, PERSON)
        twin.faults.add(Fault("lose_response", ("POST", "^/contacts$")))
        scene.sync(direction="push")
        yield scene


def again(rest: RestScene, clock: VirtualClock) -> None:
    clock.sleep(LAG.total_seconds())
    PendingChange.objects.update(not_before=None)
    rest.sync()


def mails(rest: RestScene) -> list[str]:
    return [entry.fields["email"] for entry in rest.twin.store.live("contacts")]


def test_what_the_index_hides_is_looked_for_twice(rest: RestScene, clock: VirtualClock) -> None:
    """Somebody edited the record a moment ago, so that listings do not show it."""
    clock.sleep(LAG.total_seconds())
    rest.twin.hand_update("contacts", rest.twin.store.live("contacts")[0].id, {"first_name": "Rose"})
    rest.twin.faults.add(Fault("search_lag", times=None, params={"seconds": 4}))
    PendingChange.objects.update(not_before=None)
    rest.sync()
    assert (mails(rest), Intent.objects.get().state) == (["rosa@example.org"], "OPEN")
    again(rest, clock)
    assert mails(rest) == ["rosa@example.org"]
    assert Intent.objects.get().state == "UNSETTLED"


def test_what_two_looks_do_not_find_is_made_again(rest: RestScene, clock: VirtualClock) -> None:
    (entry,) = rest.twin.store.live("contacts")
    rest.twin.store.delete(entry, author="person", soft=False)
    for _ in range(3):
        again(rest, clock)
    assert (mails(rest), Intent.objects.count()) == (["rosa@example.org"], 0)
    assert rest.integration.mappings.get().external_id != entry.id


def test_it_is_known_again_although_the_mapping_has_changed(rest: RestScene, clock: VirtualClock) -> None:
    phone = {"externalField": "phone", "internalField": "phone", "transform": "string"}
    save_mapping(rest.integration, "contact", mapping("contact", [phone, MAIL]))
    again(rest, clock)
    assert (mails(rest), Intent.objects.count()) == (["rosa@example.org"], 0)
    assert rest.integration.mappings.get().external_id == rest.twin.store.live("contacts")[0].id


def test_without_its_natural_key_a_person_is_asked(rest: RestScene, clock: VirtualClock) -> None:
    save_mapping(rest.integration, "contact", mapping("contact", [NAME]))
    again(rest, clock)
    assert Intent.objects.get().state == "UNSETTLED"
    assert len(mails(rest)) == 1
