"""What a listing shows and what it does not, over real HTTP."""

from __future__ import annotations

from array import array

import pytest
from django.db import transaction

from connectors.base.records import ExternalRecord
from integrations.connect import connect
from integrations.models import IntegrationMapping
from sync_engine.build import shapes
from sync_engine.context import Context
from sync_engine.inward import pull, sweeping
from sync_engine.ports import ports
from tests.engine.scene import Scene

pytestmark = pytest.mark.django_db(transaction=True)


def missing() -> set[str]:
    return set(IntegrationMapping.objects.exclude(missing_since=None).values_list("external_id", flat=True))


def test_a_tombstone_makes_a_suspect_even_of_a_record_whose_reference_is_open(scene: Scene) -> None:
    person = scene.twin.hand_create("users", {"name": "Noor", "email": "noor@example.com"}).id
    gid = scene.there("Paint", assignee=person)
    scene.sync()
    link = IntegrationMapping.objects.get(external_id=gid)
    assert bytes(link.last_external_hash or b"") == b""
    shape = shapes(scene.asana, connect(scene.asana, clock=ports().clock))[0]
    ctx = Context(scene.asana)
    with transaction.atomic():
        journal = ctx.journal(shape)
        pull.process(ctx, shape, journal, [ExternalRecord(gid, {}, deleted=True)])
    assert (missing(), journal.counters["skipped"]) == ({gid}, 0)


@pytest.mark.parametrize("together", [1, 2, 20_000])
def test_a_full_listing_finds_just_what_is_gone(scene: Scene, monkeypatch: pytest.MonkeyPatch, together: int) -> None:
    monkeypatch.setattr(sweeping, "SWEEP", together)
    for name in "abcde":
        scene.there(name)
    scene.sync()
    links = list(IntegrationMapping.objects.order_by("id").values_list("id", "external_id"))
    shape = shapes(scene.asana, connect(scene.asana, clock=ports().clock))[0]
    shown = array("q", [links[4][0], links[2][0]])
    sweeping.sweep(Context(scene.asana), shape, shown, newest=links[3][0])
    assert missing() == {links[0][1], links[1][1], links[3][1]}
    sweeping.sweep(Context(scene.asana), shape, array("q"), newest=sweeping.newest_link())
    assert len(missing()) == 5
