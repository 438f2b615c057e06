"""The editor of field rules: reads both sides, tries rules on samples, saves versions, says what is wrong where."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from console.mappings.rows import Row, rows_of
from console.mappings.versions import changes
from integrations.models import FieldMapping, Integration
from integrations.services import save_mapping
from integrations.starters import starter_mappings
from tests.engine.scene import Scene


def address(scene: Scene, name: str = "edit_mapping", kind: str = "task") -> str:
    return reverse(f"console:{name}", args=[scene.asana.pk, kind])


def posted(rows: list[Row], version: int = 1, **more: str) -> dict[str, str]:
    data = {"rows": str(len(rows)), "version": str(version), **more}
    for number, row in enumerate(rows):
        for name in ("external", "internal", "way", "kind", "values_in", "values_out", "more_in", "more_out"):
            data[f"row-{number}-{name}"] = getattr(row, name)
        data |= {f"row-{number}-{name}": "on" for name in ("required", "accepts_loss", "matches") if getattr(row, name)}
    return data


def rows_now(scene: Scene) -> list[Row]:
    return rows_of(FieldMapping.objects.filter(resource_type="task").latest("version").document)


@pytest.fixture
def other(scene: Scene) -> Integration:
    return scene.connect("Other")


def test_both_columns_are_read(scene: Scene, steward: Client) -> None:
    scene.there("buoys", notes="red ones")
    shown = steward.get(address(scene)).context
    theirs = {field.path: field.example for field in shown["theirs"]}
    assert (theirs["name"], theirs["notes"]) == ("buoys", "red ones")
    assert {"title", "status", "dueDate"} <= {field.path for field in shown["ours"]}


def test_saving_what_is_shown_changes_nothing_but_the_version(scene: Scene, steward: Client) -> None:
    answer = steward.post(address(scene), posted(rows_now(scene)))
    assert (answer.status_code, FieldMapping.objects.filter(resource_type="task").count()) == (302, 2)
    scene.there("a")
    scene.sync()
    assert scene.titles_here() == ["a"]


def test_a_rule_is_added(scene: Scene, steward: Client) -> None:
    steward.post(address(scene), posted([*rows_now(scene), Row("start_on", "startDate", kind="date")]))
    gid = scene.there("a", start_on="2026-05-01", due_on="2026-05-02")
    scene.sync()
    assert (gid != "", scene.titles_here()) == (True, ["a"])
    assert Row("start_on", "startDate", kind="date") in rows_now(scene)


def test_a_rule_that_loses_something_is_shown_with_an_example_at_its_row(scene: Scene, steward: Client) -> None:
    rows = [row for row in rows_now(scene) if row.internal != "status"]
    lossy = Row("completed", "status", kind="enum", values_in="true = COMPLETED\nfalse = TODO", values_out="* = false")
    answer = steward.post(address(scene), posted([*rows, lossy]))
    told = {row.internal: problems for row, problems in answer.context["rows"]}
    assert (answer.status_code, bool(told["status"]), bool(told["title"])) == (422, True, False)
    assert FieldMapping.objects.filter(resource_type="task").count() == 1


def test_a_field_that_is_not_there_is_told_at_its_row(scene: Scene, steward: Client) -> None:
    answer = steward.post(address(scene), posted([*rows_now(scene), Row("name", "nonsense")]))
    told = {row.internal: problems for row, problems in answer.context["rows"]}
    assert (answer.status_code, "nonsense" in " ".join(told["nonsense"])) == (422, True)


def test_a_preview_shows_there_here_and_back_and_stores_nothing(scene: Scene, steward: Client) -> None:
    samples = '[{"gid": "1", "name": "buoys", "completed": true}]'
    answer = steward.post(address(scene, "preview_mapping"), posted(rows_now(scene), samples=samples))
    (tried,) = answer.context["tried"]
    lines = {line["row"].internal: (line["there"], line["here"], line["back"]) for line in tried["lines"]}
    assert (lines["title"], lines["status"]) == (("buoys", "buoys", "buoys"), (True, "COMPLETED", True))
    assert FieldMapping.objects.filter(resource_type="task").count() == 1


def test_of_two_who_save_the_second_is_told(scene: Scene, steward: Client) -> None:
    steward.post(address(scene), posted(rows_now(scene)))
    answer = steward.post(address(scene), posted(rows_now(scene)))
    assert (answer.status_code, "another version" in " ".join(answer.context["general"])) == (422, True)


def test_versions_show_what_changed(scene: Scene, steward: Client) -> None:
    rows = [row for row in rows_now(scene) if row.internal != "description"]
    steward.post(address(scene), posted(rows))
    (latest, found), (first, none) = steward.get(address(scene, "mapping_versions")).context["steps"]
    assert (latest.version, latest.created_by, first.version, none) == (2, "steward", 1, [])
    assert {one.name for one in found} == {"notes → description", "notes ← description"}


def test_what_stays_is_no_change() -> None:
    document = starter_mappings("asana")["task"]
    assert changes(document, dict(document)) == []


def test_a_provider_that_does_not_answer_leaves_the_rules_to_edit(scene: Scene, steward: Client) -> None:
    scene.asana.base_url = "http://127.0.0.1:9/api"
    scene.asana.save()
    shown = steward.get(address(scene))
    assert (shown.status_code, bool(shown.context["trouble"]), shown.context["theirs"]) == (200, True, [])


@pytest.mark.parametrize("name", ["edit_mapping", "mapping_versions"])
def test_mappings_of_others_are_not_there(scene: Scene, stranger: Client, clerk: Client, name: str) -> None:
    assert [one.get(address(scene, name)).status_code for one in (stranger, clerk)] == [404, 403]


def test_samples_are_of_what_the_mapping_names(scene: Scene, steward: Client) -> None:
    scene.there("buoys")
    rule = {"externalField": "name", "internalField": "lastName", "transform": "string"}
    document = {"resourceType": "CONTACT", "externalResource": "task", "externalToInternal": [rule]}
    save_mapping(scene.asana, "contact", document)
    shown = steward.get(address(scene, kind="contact")).context
    assert (shown.get("trouble"), {field.path: field.example for field in shown["theirs"]}["name"]) == ("", "buoys")


def test_the_tab_lists_every_type(scene: Scene, steward: Client) -> None:
    page: Any = steward.get(reverse("console:integration_rules", args=[scene.asana.pk]))
    assert [kind.key for _mapping, kind, _rows in page.context["mappings"]] == ["task"]
    assert steward.get(address(scene, kind="boat")).status_code == 404
