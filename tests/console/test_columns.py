"""A board's columns, arranged in the console."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jobs_boards import selectors
from jobs_boards.models import BoardColumn
from tests.engine.scene import Scene
from tests.jobs_boards.scene import Hub


@pytest.fixture
def hub(scene: Scene) -> Hub:
    return Hub(scene.organization)


def address(name: str, *keys: Any) -> str:
    return reverse(f"console:{name}", args=keys)


def added(hub: Hub, client: Client, title: str, kind: str = "text", choices: str = "") -> BoardColumn:
    given = {"title": title, "kind": kind, "choices": choices}
    answer = client.post(address("columns", hub.board.pk), given)
    assert answer.status_code == 302, answer.context["form"].errors
    return BoardColumn.objects.latest("created_at")


def keys(hub: Hub) -> list[str]:
    return [spec.key for spec in selectors.columns_of(hub.board.pk)]


def test_a_column_is_added_at_the_end_and_takes_values(hub: Hub, steward: Client) -> None:
    column = added(hub, steward, "Roof type", "dropdown", "Slate\nTile\n\n Tile ")
    assert (keys(hub)[-1], column.settings["options"], column.main) == ("roof_type", ["Slate", "Tile"], False)
    item = hub.item("Attic", roof_type="Slate")
    assert hub.values(item)["roof_type"] == "Slate"
    assert added(hub, steward, "Roof type").key == "roof_type_2"


def test_choices_without_one_are_said_at_the_field(hub: Hub, steward: Client) -> None:
    answer = steward.post(address("columns", hub.board.pk), {"title": "Roof", "kind": "dropdown", "choices": " \n"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["choices"])


def test_a_column_is_renamed_and_moved_and_keeps_its_key(hub: Hub, steward: Client) -> None:
    column = added(hub, steward, "Roof")
    steward.post(address("rename_column", column.pk), {"title": "Roof of the house"})
    before = keys(hub)
    steward.post(address("move_column", column.pk), {"way": "up"})
    assert keys(hub) == [*before[:-2], "roof", before[-2]]
    steward.post(address("move_column", column.pk), {"way": "down"})
    assert keys(hub) == before
    assert BoardColumn.objects.get(pk=column.pk).title == "Roof of the house"


def test_what_is_lost_is_said_and_comes_back_with_the_column(hub: Hub, steward: Client) -> None:
    column = added(hub, steward, "Roof")
    item = hub.item("Attic", roof="Slate")
    assert "The value of 1 item is not shown" in steward.get(address("columns", hub.board.pk)).content.decode()
    steward.post(address("remove_column", column.pk))
    assert "roof" not in hub.values(item)
    added(hub, steward, "Roof")
    assert hub.values(item)["roof"] == "Slate"


def test_a_column_that_is_kept_in_step_stays(hub: Hub, steward: Client) -> None:
    column = BoardColumn.objects.get(board=hub.board, key="address")
    said = steward.post(address("remove_column", column.pk), follow=True).content.decode()
    assert "is kept in step with jobs" in said
    assert "address" in keys(hub)


def test_columns_of_others_are_not_there(hub: Hub, stranger: Client, clerk: Client) -> None:
    column = BoardColumn.objects.get(board=hub.board, key="address")
    for name, key in (("rename_column", column.pk), ("move_column", column.pk), ("remove_column", column.pk)):
        assert [one.post(address(name, key)).status_code for one in (stranger, clerk)] == [404, 403]
    assert [one.get(address("columns", hub.board.pk)).status_code for one in (stranger, clerk)] == [404, 403]
