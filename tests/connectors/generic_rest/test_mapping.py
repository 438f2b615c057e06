"""The starter mappings are what a saved mapping must be, and fit the twin's own records."""

import pytest

from connectors.base.paths import get_path
from connectors.generic_rest.mapping import STARTER
from connectors.generic_rest.sandbox import GenericRestTwin
from integrations.enums import SyncDirection
from integrations.mapping.compiler import compile_mapping
from integrations.mapping.laws import check_laws
from integrations.services import field_specs
from records import catalog


def contact():
    twin = GenericRestTwin()
    twin.seed_demo(1)
    return twin.render(twin.store.live("contacts")[0])


@pytest.mark.parametrize("key", STARTER)
def test_starter_mappings_compile_and_go_round(key):
    compiled = compile_mapping(STARTER[key], field_specs(catalog.get(key)), SyncDirection.BIDIRECTIONAL)
    assert check_laws(compiled, [contact()] if key == "contact" else []) == []


def test_every_mapped_contact_path_exists_on_the_twin():
    record = contact()
    paths = [rule["externalField"] for rule in STARTER["contact"]["externalToInternal"]]
    assert [path for path in paths if get_path(record, path) is None] == []
