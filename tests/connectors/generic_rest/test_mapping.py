"""The starter mappings are valid documents that go round on the twin's own records."""

import pytest

from connectors.generic_rest.mapping import STARTER
from connectors.generic_rest.sandbox import GenericRestTwin


@pytest.mark.parametrize("key", STARTER)
def test_starter_mappings_are_valid(key):
    import json

    from integrations.mapping.validate import validate_text

    validate_text(json.dumps(STARTER[key], indent=1))


def test_every_mapped_contact_path_exists_on_the_twin():
    from connectors.base.paths import get_path

    twin = GenericRestTwin()
    twin.seed_demo(1)
    record = twin.render(twin.store.live("contacts")[0])
    paths = [rule["externalField"] for rule in STARTER["contact"]["externalToInternal"]]
    assert [path for path in paths if get_path(record, path) is None] == []
