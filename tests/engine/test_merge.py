"""A merged value is written on both sides, whichever phase found the conflict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from conflicts.models import ConflictResolution
from integrations.models import PendingChange
from tests.engine.scene import Scene

RULES: Mapping[str, Any] = {"title": "concatenate"}


@pytest.mark.parametrize("direction", ["both", "push"])
def test_a_merged_value_reaches_both_sides(scene: Scene, direction: str) -> None:
    merging = scene.connect("Merging", conflict_strategy="CUSTOM_MERGE", merge_rules=RULES)
    gid = scene.there("title")
    scene.sync(merging)
    internal_id = merging.mappings.get(external_id=gid).internal_id
    scene.edit_here(internal_id, {"title": "ours"})
    scene.edit_there(gid, name="theirs")
    for _ in range(2):
        scene.sync(merging, direction=direction)
    assert scene.names_there() == ["ours | theirs"] == scene.titles_here()
    case = ConflictResolution.objects.get(integration=merging)
    assert (case.status, case.local_data, case.external_data) == (
        ConflictResolution.Status.AUTO_RESOLVED,
        {"title": "ours"},
        {"title": "theirs"},
    )
    assert not PendingChange.objects.filter(integration=merging).exists()
