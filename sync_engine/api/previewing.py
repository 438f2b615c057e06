"""A mapping tried on sample records; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from connectors.base.capabilities import Pulls
from connectors.base.connector import Connector
from connectors.base.errors import ConfigError
from integrations.mapping.compiled import CompiledMapping
from integrations.mapping.errors import ConversionError
from integrations.mapping.sentinels import ABSENT, UNRESOLVED
from sync_engine.build import resource_of

SAMPLES = 5


def samples(connector: Connector, resource_type: str, document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The first records that the provider lists of what the document maps. Raises `ConnectorError`."""
    if not isinstance(connector, Pulls):
        raise ConfigError(f"{connector.label} cannot be read. Give samples of your own.")
    pages = connector.pages(resource_of(connector, resource_type, document))
    return list(islice((dict(record.fields) for page in pages for record in page.records), SAMPLES))


def try_out(mapping: CompiledMapping, given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each sample with what it becomes here and what would be written back."""
    return [_tried(mapping, one) for one in given]


def _tried(mapping: CompiledMapping, external: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {"external": external, "internal": None, "back": None, "unresolved": [], "problem": ""}
    try:
        read = mapping.read_external(external)
        local = mapping.to_local(read)
        named = dict(zip(mapping.local_names, local, strict=True))
        shown["internal"] = {name: value for name, value in named.items() if value not in (ABSENT, UNRESOLVED)}
        shown["unresolved"] = [name for name, value in named.items() if value is UNRESOLVED]
        shown["back"] = mapping.write(dict(enumerate(mapping.to_external(local))))
    except ConversionError as error:
        shown["problem"] = str(error)
    return shown
