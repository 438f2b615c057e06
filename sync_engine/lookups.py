"""References resolved in bulk, a batch at a time: by link first, then by the declared match key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection

from integrations.mapping.compiled import LookupSpec
from records import catalog, selectors
from sync_engine import links
from sync_engine.shape import Shape

Found = dict[str, dict[str, str]]


def resolve(shape: Shape, batch: Sequence[tuple[Mapping[str, Any], Sequence[Any]]]) -> Found:
    """`batch` holds (provider's fields, external tuple). Returns type -> external id -> local id."""
    found: Found = {}
    for spec in shape.mapping.lookups:
        wanted = {values[spec.rule_index]: fields for fields, values in batch if values[spec.rule_index]}
        if not wanted:
            continue
        known = found.setdefault(spec.resource_type, {})
        known.update(_by_link(shape, spec, [key for key in wanted if key not in known]))
        if spec.match_key:
            known.update(_by_match(shape, spec, {key: wanted[key] for key in wanted if key not in known}))
    return found


def _by_link(shape: Shape, spec: LookupSpec, values: Sequence[str]) -> dict[str, str]:
    if spec.lookup_field == "externalId":
        return links.resolve(shape, spec.resource_type, values)
    found = _find(shape, spec, spec.lookup_field, values)
    return {value: found[str(value).lower()] for value in values if str(value).lower() in found}


def _by_match(shape: Shape, spec: LookupSpec, wanted: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    keys = {external_id: spec.match(fields) for external_id, fields in wanted.items()}
    found = _find(shape, spec, spec.match_key, [key for key in keys.values() if key])
    return {
        external_id: found[str(key).lower()] for external_id, key in keys.items() if key and str(key).lower() in found
    }


def _find(shape: Shape, spec: LookupSpec, field: str, values: Sequence[Any]) -> dict[str, str]:
    """Only a single hit counts: never by guess."""
    if not values:
        return {}
    sync_type = catalog.get(spec.resource_type)
    hits = selectors.find_by(sync_type, str(shape.integration.organization_id), field, values)
    return {key: ids[0] for key, ids in hits.items() if len(ids) == 1}


def reverse(shape: Shape, locals_: Iterable[Sequence[Any]]) -> Found:
    """Type -> local id -> external id, for pushing. `locals_` are local tuples."""
    rows = list(locals_)
    found: Found = {}
    for spec in shape.mapping.lookups:
        position = shape.names.index(shape.mapping.rules[spec.rule_index].internal)
        wanted = {row[position] for row in rows if row[position]}
        if wanted:
            pairs = links.resolve_local(shape, spec.resource_type, sorted(wanted))
            found.setdefault(spec.resource_type, {}).update(pairs)
    return found


def unresolved(shape: Shape, values: Sequence[Any], found: Found) -> list[tuple[str, str]]:
    """(type, external id) of the references of one record that have no local partner yet."""
    return [
        (spec.resource_type, values[spec.rule_index])
        for spec in shape.mapping.lookups
        if values[spec.rule_index] and values[spec.rule_index] not in found.get(spec.resource_type, {})
    ]


HERE = "local:"
"""Marks an id of ours among the ids that somebody waits for."""


def unresolved_here(shape: Shape, values: Sequence[Any], found: Found) -> list[tuple[str, str]]:
    """(type, marked local id) of the references of one local record that have no partner there yet."""
    rules, names = shape.mapping.rules, shape.names
    positions = [(spec, names.index(rules[spec.rule_index].internal)) for spec in shape.mapping.lookups]
    return [
        (spec.resource_type, HERE + values[position])
        for spec, position in positions
        if values[position] and values[position] not in found.get(spec.resource_type, {})
    ]


def wait_for(shape: Shape, waiting: Sequence[tuple[str, str, str]]) -> None:
    """Remembers (external id, wanted type, wanted id), to be read again when the link appears."""
    if not waiting:
        return
    external, kinds, wanted = (list(column) for column in zip(*waiting, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO integrations_unresolvedlookup (integration_id, resource_type, external_id, wanted_type, "
            "wanted_id) SELECT %s, %s, * FROM unnest(%s::text[], %s::text[], %s::text[]) ON CONFLICT DO NOTHING",
            [shape.integration.pk, shape.type, external, kinds, wanted],
        )


def appeared(shape: Shape, pairs: Iterable[tuple[str, str]]) -> None:
    """Links of this type were made, given as (internal id, external id): whoever waited for either end is
    read again."""
    if not shape.looked_up:
        return
    ends = [end for internal, external in pairs for end in (HERE + internal, external)]
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH woken AS (DELETE FROM integrations_unresolvedlookup WHERE integration_id = %s AND wanted_type = %s "
            "AND wanted_id = ANY(%s) RETURNING resource_type, external_id) "
            "INSERT INTO integrations_externalchange (integration_id, resource_type, external_id, generation, cause, "
            "created_at) SELECT DISTINCT %s::uuid, resource_type, external_id, 1, 'lookup', now() FROM woken "
            "ON CONFLICT (integration_id, resource_type, external_id) DO UPDATE SET "
            "generation = integrations_externalchange.generation + 1",
            [shape.integration.pk, shape.type, ends, shape.integration.pk],
        )
