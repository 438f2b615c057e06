"""A record that is made there anew, and whose original somebody then brings back: never two records silently."""

from __future__ import annotations

import pytest

from conflicts.models import ConflictResolution
from integrations.models import FormerLink, ParkedRecord
from sync_engine.review import decisions
from tests.engine.scene import Scene


@pytest.fixture
def both(scene: Scene) -> tuple[str, str]:
    """(original, the one made in its place), after a person has brought the original back there."""
    scene.asana.on_external_delete = "RESTORE"
    scene.asana.save()
    scene.here("Paint")
    scene.sync()
    original = scene.asana.mappings.get().external_id
    scene.twin.hand_delete("tasks", original)
    scene.sync()
    scene.sync()
    copy = scene.asana.mappings.get().external_id
    assert copy != original
    entry = scene.twin.store.get("tasks", original, deleted=True)
    assert entry is not None
    scene.twin.store.restore(entry, author="person")
    scene.twin.listings.forget()
    scene.sync()
    return original, copy


def card() -> ConflictResolution:
    return ConflictResolution.objects.get(kind="AMBIGUOUS", status="PENDING")


def test_a_case_asks_and_nothing_is_doubled_here(scene: Scene, both: tuple[str, str]) -> None:
    assert (scene.titles_here(), scene.names_there()) == (["Paint"], ["Paint", "Paint"])
    assert "brought the original back" in card().conflict_reason
    assert ParkedRecord.objects.get().record_id == both[0]
    scene.sync(full=True)
    assert scene.titles_here() == ["Paint"]


def test_the_original_takes_its_place_again(scene: Scene, both: tuple[str, str]) -> None:
    decisions.resolve(card(), strategy="LOCAL_WINS")
    scene.sync(full=True)
    assert (scene.titles_here(), scene.names_there()) == (["Paint"], ["Paint"])
    assert scene.asana.mappings.exclude(sync_status="DELETED").get().external_id == both[0]
    assert not ParkedRecord.objects.exists()


def test_an_edit_of_the_one_in_its_place_is_not_thrown_away(scene: Scene, both: tuple[str, str]) -> None:
    scene.edit_there(both[1], name="Paint the hall")
    with pytest.raises(decisions.CannotDecide, match="edited there since"):
        decisions.resolve(card(), strategy="LOCAL_WINS")
    assert sorted(scene.names_there()) == ["Paint", "Paint the hall"]


def test_the_original_may_be_a_record_of_its_own(scene: Scene, both: tuple[str, str]) -> None:
    decisions.resolve(card(), strategy="EXTERNAL_WINS")
    scene.sync(full=True)
    assert (scene.titles_here(), scene.names_there()) == (["Paint", "Paint"], ["Paint", "Paint"])
    assert not FormerLink.objects.exists()


def test_where_the_one_in_its_place_is_gone_the_original_is_linked_again(scene: Scene) -> None:
    scene.here("Paint")
    scene.asana.on_external_delete = "RESTORE"
    scene.asana.save()
    scene.sync()
    original = scene.asana.mappings.get().external_id
    scene.twin.hand_delete("tasks", original)
    scene.sync()
    scene.sync()
    scene.asana.refresh_from_db()
    scene.asana.on_external_delete = "UNLINK"
    scene.asana.save()
    scene.twin.hand_delete("tasks", scene.asana.mappings.get().external_id)
    scene.sync()
    entry = scene.twin.store.get("tasks", original, deleted=True)
    assert entry is not None
    scene.twin.store.restore(entry, author="person")
    scene.twin.listings.forget()
    scene.sync()
    assert scene.titles_here() == ["Paint"] == scene.names_there()
    assert scene.asana.mappings.get().external_id == original
