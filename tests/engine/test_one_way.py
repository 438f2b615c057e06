"""Fields that a mapping moves in one direction only, beside fields that go both ways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.base.sandbox.server import serve
from connectors.generic_rest.sandbox import GenericRestTwin
from records import catalog, services
from records.models import Contact
from tests.engine.rest_scene import RestScene, mapping
from tests.engine.scene import PERSON

NAME = {"externalField": "first_name", "internalField": "firstName", "transform": "string"}
PHONE = {"externalField": "phone", "internalField": "phone", "transform": "string"}


@pytest.fixture
def rest(whole_runs: None) -> Iterator[RestScene]:
    twin = GenericRestTwin()
    with serve(0, [twin]) as running:
        yield RestScene(twin, running)


def linked(rest: RestScene, only: str, **there: Any) -> tuple[str, Contact]:
    """`only` is the list that holds the rule of the phone."""
    document = mapping("contact", [NAME])
    document[only] = [*document[only], PHONE]
    rest.connect("contact", "contacts", document, "CONTACTS")
    gid = rest.twin.hand_create("contacts", {"first_name": "Rosa", **there}).id
    rest.sync()
    return gid, Contact.objects.get()


def edit(rest: RestScene, contact: Contact, **values: Any) -> None:
    services.update(catalog.get("contact"), str(rest.organization.pk), str(contact.pk), values, PERSON)


def phone_there(rest: RestScene, gid: str) -> Any:
    entry = rest.twin.store.get("contacts", gid)
    assert entry is not None
    return entry.fields.get("phone")


def test_what_only_comes_in_follows_every_edit_there_and_is_never_written_there(rest: RestScene) -> None:
    gid, contact = linked(rest, "externalToInternal", phone="1")
    rest.twin.hand_update("contacts", gid, {"phone": "2"})
    rest.sync()
    contact.refresh_from_db()
    assert contact.phone == "2"
    edit(rest, contact, phone="ours", firstName="Rose")
    rest.sync()
    assert phone_there(rest, gid) == "2"
    rest.twin.hand_update("contacts", gid, {"phone": "3"})
    rest.sync()
    contact.refresh_from_db()
    assert (contact.phone, contact.first_name) == ("3", "Rose")
    assert not rest.sync().counters["pulled"]


def test_what_only_goes_out_follows_every_edit_here_and_is_never_taken_in(rest: RestScene) -> None:
    gid, contact = linked(rest, "internalToExternal", phone="theirs")
    edit(rest, contact, phone="1")
    rest.sync()
    assert phone_there(rest, gid) == "1"
    rest.twin.hand_update("contacts", gid, {"phone": "2"})
    rest.sync()
    contact.refresh_from_db()
    assert contact.phone == "1"
    edit(rest, contact, phone="3")
    rest.sync()
    assert phone_there(rest, gid) == "3"
