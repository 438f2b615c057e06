"""The page of a conflict: three values side by side, three buttons."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from conflicts.models import ConflictResolution
from integrations.enums import ConflictStrategy
from records.models import Task
from tests.admin.pages import address, text, told
from tests.engine.scene import Scene

BUTTON = "conflicts_conflictresolution_{}".format


@pytest.fixture
def conflict(scene: Scene) -> ConflictResolution:
    """The title was `base`, is `ours` here and `theirs` there."""
    scene.asana.conflict_strategy = ConflictStrategy.MANUAL_REVIEW
    scene.asana.save()
    gid = scene.there("base")
    scene.sync()
    scene.edit_here(Task.objects.get().pk, {"title": "ours"})
    scene.edit_there(gid, name="theirs")
    scene.sync()
    return ConflictResolution.objects.get()


def decide(client: Client, conflict: ConflictResolution, button: str, **fields: Any) -> str:
    sent = {"merged": "", BUTTON(button): "1", **fields}
    return told(client.post(address(ConflictResolution, "change", conflict.pk), sent, follow=True))


def test_the_three_values_stand_side_by_side(conflict: ConflictResolution, steward: Client) -> None:
    found = text(steward, ConflictResolution, "change", conflict.pk)
    for value in ("base", "ours", "theirs"):
        assert f"&quot;{value}&quot;</pre>" in found
    for button in ("keep_local", "keep_external", "keep_custom"):
        assert f'name="{BUTTON(button)}"' in found


@pytest.mark.parametrize(
    ("button", "fields", "title"),
    [
        ("keep_local", {}, "ours"),
        ("keep_external", {}, "theirs"),
        ("keep_custom", {"merged": '{"title": "both"}'}, "both"),
    ],
)
def test_a_decision_holds_on_both_sides(
    scene: Scene, conflict: ConflictResolution, steward: Client, button: str, fields: dict[str, str], title: str
) -> None:
    assert "Decided." in decide(steward, conflict, button, **fields)
    scene.sync()
    assert scene.titles_here() == scene.names_there() == [title]
    conflict.refresh_from_db()
    assert (conflict.status, conflict.resolved_by) == ("RESOLVED", "steward")


def test_a_value_for_another_field_is_refused(conflict: ConflictResolution, steward: Client) -> None:
    sent = {"merged": '{"status": "TODO"}', BUTTON("keep_custom"): "1"}
    answer = steward.post(address(ConflictResolution, "change", conflict.pk), sent)
    assert "Enter an object with these fields alone: title." in answer.content.decode()
    conflict.refresh_from_db()
    assert conflict.status == "PENDING"


def test_a_side_that_moved_is_shown_and_nothing_is_decided(
    scene: Scene, conflict: ConflictResolution, steward: Client
) -> None:
    scene.edit_there(conflict.external_id, name="moved on")
    assert "One side has changed since you looked" in decide(steward, conflict, "keep_local")
    conflict.refresh_from_db()
    assert (conflict.status, conflict.external_data) == ("PENDING", {"title": "moved on"})


def test_a_decided_one_is_not_decided_again(conflict: ConflictResolution, steward: Client) -> None:
    decide(steward, conflict, "keep_local")
    assert "already decided" in decide(steward, conflict, "keep_external")
    assert BUTTON("keep_local") not in text(steward, ConflictResolution, "change", conflict.pk)
    conflict.refresh_from_db()
    assert conflict.resolution_strategy == "LOCAL_WINS"


def test_an_unreachable_provider_decides_nothing(scene: Scene, conflict: ConflictResolution, steward: Client) -> None:
    scene.asana.credentials = {"token": "wrong"}
    scene.asana.save()
    assert "Nothing was decided: Not Authorized" in decide(steward, conflict, "keep_local")


def test_a_stranger_neither_sees_nor_decides(conflict: ConflictResolution, stranger: Client) -> None:
    assert str(conflict.resource_id) not in text(stranger, ConflictResolution)
    stranger.post(address(ConflictResolution, "change", conflict.pk), {BUTTON("keep_local"): "1"})
    conflict.refresh_from_db()
    assert conflict.status == "PENDING"


def test_the_list_is_filtered(conflict: ConflictResolution, steward: Client) -> None:
    row = address(ConflictResolution, "change", conflict.pk)
    assert row in steward.get(f"{address(ConflictResolution)}?status__exact=PENDING").content.decode()
    assert row not in steward.get(f"{address(ConflictResolution)}?status__exact=RESOLVED").content.decode()
