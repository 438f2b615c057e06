"""The starter mapping is R1's example, word for word, in the direction that R1 gives."""

from __future__ import annotations

import json
from pathlib import Path

from connectors.asana.mapping import STARTER

EXAMPLE = json.loads((Path(__file__).parent / "r1_task_mapping.json").read_text())


def test_external_to_internal_is_the_example_of_the_requirements() -> None:
    assert STARTER["task"]["resourceType"] == EXAMPLE["resourceType"]
    assert STARTER["task"]["externalToInternal"] == EXAMPLE["externalToInternal"]


def test_every_field_that_comes_in_goes_out_but_the_id() -> None:
    comes = {(rule["externalField"], rule["internalField"]) for rule in STARTER["task"]["externalToInternal"]}
    goes = {(rule["externalField"], rule["internalField"]) for rule in STARTER["task"]["internalToExternal"]}
    assert comes - goes == {("gid", "externalId")}
    assert goes <= comes
