"""A mapping that writes one item of a list leaves the other items as they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.base.sandbox.server import serve
from connectors.generic_rest.sandbox import GenericRestTwin
from integrations.models import IntegrationMapping
from records import catalog, services
from records.models import Contact
from sync_engine.undo import rollback
from tests.engine.rest_scene import RestScene, mapping
from tests.engine.scene import PERSON

HOME, WORK = {"address": "home@example.org", "kind": "home"}, {"address": "work@example.org", "kind": "work"}
NAME = {"externalField": "first_name", "internalField": "firstName", "transform": "string"}


def rules(path: str) -> list[dict[str, Any]]:
    return [NAME, {"externalField": path, "internalField": "email", "transform": "string"}]


@pytest.fixture
def rest(whole_runs: None) -> Iterator[RestScene]:
    twin = GenericRestTwin()
    with serve(0, [twin]) as running:
        yield RestScene(twin, running)


def linked(rest: RestScene, path: str, emails: Any) -> tuple[str, Contact]:
    rest.connect("contact", "contacts", mapping("contact", rules(path)), "CONTACTS")
    there = rest.twin.hand_create("contacts", {"first_name": "Rosa", "emails": emails}).id
    rest.sync()
    return there, Contact.objects.get()


def edit(rest: RestScene, contact: Contact, **values: Any) -> None:
    services.update(catalog.get("contact"), str(rest.organization.pk), str(contact.pk), values, PERSON)


def there(rest: RestScene, contact_id: str) -> Any:
    entry = rest.twin.store.get("contacts", contact_id)
    assert entry is not None
    return entry.fields["emails"]


@pytest.mark.parametrize("path", ["emails[0].address", "emails[kind=home].address"])
def test_the_other_items_stay(rest: RestScene, path: str) -> None:
    gid, contact = linked(rest, path, [HOME, WORK])
    edit(rest, contact, email="rosa@example.org")
    run = rest.sync().run
    assert there(rest, gid) == [{**HOME, "address": "rosa@example.org"}, WORK]
    rollback.roll_back(run)
    assert there(rest, gid) == [HOME, WORK]


def test_the_list_is_left_alone_when_another_field_is_written(rest: RestScene) -> None:
    gid, contact = linked(rest, "emails[0].address", [HOME, WORK])
    edit(rest, contact, firstName="Rose")
    rest.twin.hand_update("contacts", gid, {"emails": [HOME, WORK, HOME]})
    rest.sync()
    assert there(rest, gid) == [HOME, WORK, HOME]


def test_a_place_that_would_leave_a_hole_is_refused_in_words(rest: RestScene) -> None:
    gid, contact = linked(rest, "emails[2].address", [HOME])
    edit(rest, contact, email="third@example.org")
    rest.sync()
    assert there(rest, gid) == [HOME]
    link = IntegrationMapping.objects.get()
    assert (link.sync_status, "no item before position 2" in link.reason) == ("ERROR", True)


def test_a_new_record_has_only_what_is_mapped(rest: RestScene) -> None:
    rest.connect("contact", "contacts", mapping("contact", rules("emails[0].address")), "CONTACTS")
    values = {"firstName": "Rosa", "email": "rosa@example.org"}
    services.create(catalog.get("contact"), str(rest.organization.pk), values, PERSON)
    rest.sync()
    (entry,) = rest.twin.store.live("contacts")
    assert entry.fields["emails"] == [{"address": "rosa@example.org"}]


def test_a_new_record_with_a_hole_is_parked(rest: RestScene) -> None:
    rest.connect("contact", "contacts", mapping("contact", rules("emails[1].address")), "CONTACTS")
    values = {"firstName": "Rosa", "email": "rosa@example.org"}
    services.create(catalog.get("contact"), str(rest.organization.pk), values, PERSON)
    result = rest.sync()
    assert (result.error, rest.twin.store.live("contacts")) == ("", [])
    assert "no item before position 1" in rest.integration.parked.get().reason
