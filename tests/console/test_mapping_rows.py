"""Documents as rows and back: what a row shows is what the document means, and what it cannot show stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from console.mappings.rows import Row, Unreadable, document_of, hidden, inverse, rows_of
from integrations.mapping.compiler import compile_mapping
from integrations.mapping.document import parse_document
from integrations.services import field_specs
from integrations.starters import starter_mappings
from records import catalog

STARTERS = [
    (connector, kind, document)
    for connector in ("asana", "generic_rest")
    for kind, document in starter_mappings(connector).items()
]
ENUM = {"true": "COMPLETED", "false": "IN_PROGRESS"}


def rules(document: dict[str, Any], kind: str) -> Any:
    compile_mapping(document, field_specs(catalog.get(kind)))
    return [
        (one.name, one.pull and dict(one.pull.settings), bool(one.push), one.pull and one.pull.required)
        for one in parse_document(document).rules
    ]


@pytest.mark.parametrize(("connector", "kind", "document"), STARTERS)
def test_rows_and_back_mean_the_same(connector: str, kind: str, document: dict[str, Any]) -> None:
    again = document_of(rows_of(document), document)
    assert rules(again, kind) == rules(document, kind)
    assert document_of(rows_of(again), again) == again


def test_an_enumeration_is_lines() -> None:
    (row,) = [one for one in rows_of(starter_mappings("asana")["task"]) if one.internal == "status"]
    assert row.values_in.splitlines() == ["true = COMPLETED", "false = IN_PROGRESS"]
    assert row.values_out.splitlines() == ["COMPLETED = true", "* = false"]


def test_a_list_that_is_derived_is_written_out() -> None:
    document = {"resourceType": "TASK", "externalToInternal": [
        {"externalField": "done", "internalField": "status", "transform": {"type": "enum", "mapping": ENUM}},
    ]}  # fmt: skip
    (rule,) = document_of(rows_of(document), document)["internalToExternal"]
    assert rule["transform"]["mapping"] == {"COMPLETED": True, "IN_PROGRESS": False}


def test_the_identity_and_constants_stay() -> None:
    document = starter_mappings("asana")["task"]
    assert [one["internalField"] for one in hidden(document)] == ["externalId"]
    assert document_of([], document)["externalToInternal"] == hidden(document)


def test_a_line_that_cannot_be_read_is_named() -> None:
    row = Row("done", "status", kind="enum", values_in="true = COMPLETED\nfalse IN_PROGRESS")
    with pytest.raises(Unreadable, match="done -> status: line 2"):
        document_of([row], {"resourceType": "TASK"})


def test_of_two_values_that_meet_the_first_goes_back() -> None:
    turned = inverse({"type": "enum", "mapping": {"open": "TODO", "new": "TODO"}})
    assert turned["mapping"] == {"TODO": "open"}


def test_keys_and_accepted_losses_are_ticks() -> None:
    document = starter_mappings("asana")["member"]
    rows = rows_of(document)
    assert [one.internal for one in rows if one.matches] == ["email"]
    without = document_of([replace(one, matches=False) for one in rows], document)
    assert "matchKeys" not in without
