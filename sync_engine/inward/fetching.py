"""Records read by their ids, so that one which the provider refuses to show holds nobody else up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from connectors.base.capabilities import Pulls
from connectors.base.errors import Rejected
from connectors.base.records import ExternalRecord
from sync_engine.shape import Shape


@dataclass(slots=True)
class Fetched:
    """By id: the record, None where it is gone; and the provider's words where it refused."""

    records: dict[str, ExternalRecord | None] = field(default_factory=dict)
    refused: dict[str, Rejected] = field(default_factory=dict)

    @property
    def there(self) -> list[ExternalRecord]:
        return [record for record in self.records.values() if record is not None]


def fetch(shape: Shape, external_ids: Sequence[str]) -> Fetched:
    """At most `batch_size` ids. Raises what concerns all of them: credentials, limits, no answer."""
    connector = shape.connector
    assert isinstance(connector, Pulls)
    try:
        return Fetched(connector.fetch_many(shape.resource, external_ids))
    except Rejected as problem:
        if len(external_ids) == 1:
            return Fetched(refused={external_ids[0]: problem})
    result = Fetched()
    for external_id in external_ids:
        one = fetch(shape, [external_id])
        result.records |= one.records
        result.refused |= one.refused
    return result
