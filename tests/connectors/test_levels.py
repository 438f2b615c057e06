"""The level of a connector is computed from what it holds."""

from __future__ import annotations

import pytest

from connectors.base import registry
from connectors.base.levels import level, missing

from .bench import CONTRACTS


@pytest.mark.parametrize("key", CONTRACTS)
def test_a_twin_counts_whether_it_is_a_file_or_a_folder(key: str) -> None:
    assert "has_sandbox" not in [rule.name for rule in missing(registry.get(key), "silver")]


def test_the_main_connector_is_gold() -> None:
    assert (level(registry.get("asana")), missing(registry.get("asana"), "gold")) == ("gold", [])
