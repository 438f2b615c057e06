"""Starter mappings: what a connector ships as data, made fit for one integration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

from connectors.base import registry
from connectors.base.errors import ConfigError
from records import catalog
from records.catalog import SyncType

Documents = dict[str, Mapping[str, Any]]
"""Resource type -> mapping document."""


def starter_mappings(connector_key: str) -> dict[str, dict[str, Any]]:
    """`STARTER` of the connector's `mapping.py`, as far as this house has such records."""
    module = import_module(registry.get(connector_key).__module__.rsplit(".", 1)[0] + ".mapping")
    known = {one.key for one in catalog.all_types()}
    return {key: dict(document) for key, document in module.STARTER.items() if key in known}


def documents(
    connector_key: str,
    data_types: Iterable[str],
    settings: Mapping[str, Any],
    given: Mapping[str, Mapping[str, Any]] | None = None,
) -> Documents:
    """A mapping for every data type: the starter unless one is given. Raises `ConfigError` where nothing is left, a
    home is not chosen or two types want the same records."""
    starters = starter_mappings(connector_key)
    wanted = {t.key for t in catalog.all_types() if t.data_type in data_types} - set(given or ())
    found: Documents = {
        key: at_home(catalog.get(key), document, settings) for key, document in starters.items() if key in wanted
    }
    found.update({key: dict(document) for key, document in (given or {}).items()})
    if not found:
        raise ConfigError(
            f"{connector_key} cannot sync {', '.join(data_types) or 'nothing'}; it has starter mappings for "
            f"{', '.join(starters) or 'nothing'}."
        )
    _refuse_rivals(found)
    return found


def added_documents(
    connector_key: str, data_types: Iterable[str], settings: Mapping[str, Any], held: Mapping[str, Mapping[str, Any]]
) -> Documents:
    """The starters of data types that are not among the `held` mappings yet. A type that the settings leave out moves
    nothing and is nobody's rival. Raises `ConfigError`."""
    wanted = {t.key for t in catalog.all_types() if t.data_type in data_types}
    chosen = {key: one for key, one in {**starter_mappings(connector_key), **held}.items() if key in wanted}
    _refuse_rivals(chosen)
    return {key: at_home(catalog.get(key), one, settings) for key, one in chosen.items() if key not in held}


def _refuse_rivals(chosen: Mapping[str, Mapping[str, Any]]) -> None:
    if pair := rivals(chosen):
        first, second = (catalog.get(key).data_type for key in pair)
        raise ConfigError(
            f"{first} and {second} are both the provider's {_theirs(pair[0], chosen)} records, which would come in "
            "twice. Choose one of them; the other needs an integration of its own, for another project."
        )


def rivals(chosen: Mapping[str, Mapping[str, Any]]) -> tuple[str, str] | None:
    """Two types that take the same records of the provider: each would make one here."""
    holders: dict[str, str] = {}
    for key in chosen:
        if (holder := holders.setdefault(_theirs(key, chosen), key)) != key:
            return holder, key
    return None


def _theirs(key: str, chosen: Mapping[str, Mapping[str, Any]]) -> str:
    return str(chosen[key].get("externalResource") or key)


def at_home(sync_type: SyncType, document: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The starter with the home that the scope names: the scope limits what goes out to it, and what is made at the
    provider comes in there. Raises `ConfigError` where the scope names none."""
    if not sync_type.home:
        return dict(document)
    scopes = settings.get("scope")
    scope = scopes.get(sync_type.key) if isinstance(scopes, Mapping) else None
    homes = scope.get(sync_type.home) if isinstance(scope, Mapping) else None
    if not isinstance(homes, list) or len(homes) != 1 or not isinstance(homes[0], str):
        raise ConfigError(
            f"{sync_type.data_type} need the one {sync_type.field(sync_type.home).reference} that they are on. Name it "
            f'in the settings: {{"scope": {{"{sync_type.key}": {{"{sync_type.home}": ["its id"]}}}}}}.'
        )
    home = {"internalField": sync_type.home, "transform": {"type": "constant", "value": homes[0]}}
    return {**document, "externalToInternal": [*document["externalToInternal"], home]}
