"""The mapping editor: problems with their lines, a new version on save."""

from __future__ import annotations

import json

from django.test import Client

from integrations.models import FieldMapping
from tests.admin.pages import address, text
from tests.engine.scene import Scene


def save(client: Client, mapping: FieldMapping, written: str) -> str:
    """What the page says of it; nothing if it was saved."""
    answer = client.post(address(FieldMapping, "change", mapping.pk), {"text": written})
    return "" if answer.status_code == 302 else answer.content.decode().replace("&#x27;", "'").replace("&quot;", '"')


def test_saving_makes_a_new_version_and_keeps_the_old(scene: Scene, steward: Client) -> None:
    first = FieldMapping.objects.get()
    before = first.document
    document = {**before, "internalToExternal": before["internalToExternal"][:2]}
    assert save(steward, first, json.dumps(document)) == ""
    assert list(FieldMapping.objects.order_by("version").values_list("version", "document", "created_by")) == [
        (1, before, ""),
        (2, document, "steward"),
    ]


def test_the_editor_shows_the_document(scene: Scene, steward: Client) -> None:
    assert "assignee.gid" in text(steward, FieldMapping, "change", FieldMapping.objects.get().pk)


def test_problems_carry_their_lines(scene: Scene, steward: Client) -> None:
    mapping = FieldMapping.objects.get()
    lines = json.dumps(mapping.document, indent=2).replace('"dueDate"', '"dueDat"', 1).splitlines()
    line = next(number for number, each in enumerate(lines, 1) if '"dueDat"' in each)
    found = save(steward, mapping, "\n".join(lines))
    assert "dueDat" in found
    assert f"(line {line})" in found
    assert FieldMapping.objects.count() == 1


def test_what_is_no_json_is_told_where(scene: Scene, steward: Client) -> None:
    assert "This is not valid JSON" in save(steward, FieldMapping.objects.get(), '{\n"resourceType": \n}')


def test_a_lossy_rule_is_refused_with_an_example(scene: Scene, steward: Client) -> None:
    mapping = FieldMapping.objects.get()
    document = {key: value for key, value in mapping.document.items() if key != "acknowledgedLosses"}
    assert "status" in save(steward, mapping, json.dumps(document))
    assert FieldMapping.objects.count() == 1


def test_a_stranger_cannot_open_it(scene: Scene, stranger: Client) -> None:
    assert stranger.get(address(FieldMapping, "change", FieldMapping.objects.get().pk)).status_code == 302
