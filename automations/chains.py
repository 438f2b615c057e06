"""Which rules led to a change: what the chain of a firing is made of.

A change that a rule wrote says so. One that a sync carried over from another record of this house (a job's item, an
item's job: `SyncType.mirrors`) is an effect of whatever changed that record since it was carried over last. So two
rules that chase each other by way of a sync are stopped like two on one record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import connection

from automations.models import RuleFiring
from records import catalog
from records.models import LocalChange
from sync_engine.planted import planted

Chain = tuple[str, ...]
_CAUSES = """
WITH carried AS (
    SELECT change.id, change.record_id, change.origin_id, partner.record_id AS partner_id
    FROM records_localchange AS change
    JOIN unnest(%(types)s::text[], %(connectors)s::text[], %(resources)s::text[]) AS mirror(type, connector, resource)
         ON change.resource_type IN (mirror.type, mirror.resource)
    JOIN integrations_integration AS integration ON integration.id::text = change.origin_id
         AND integration.type = mirror.connector
    JOIN integrations_integrationmapping AS link ON link.integration_id = integration.id
         AND link.resource_type = mirror.resource
         AND CASE WHEN change.resource_type = mirror.type THEN link.external_id = change.record_id::text
                  ELSE link.internal_id = change.record_id END
    CROSS JOIN LATERAL (SELECT CASE WHEN change.resource_type = mirror.type THEN link.internal_id
                                    ELSE link.external_id::uuid END AS record_id) AS partner
    WHERE change.id = ANY(%(changes)s)
)
SELECT carried.id, cause.id FROM carried
CROSS JOIN LATERAL (
    SELECT coalesce(max(before.id), 0) AS id FROM records_localchange AS before
    WHERE before.record_id = carried.record_id AND before.id < carried.id AND before.origin_id = carried.origin_id
) AS last
CROSS JOIN LATERAL (
    SELECT id, row_number() OVER (ORDER BY id DESC) AS place FROM records_localchange AS change
    WHERE change.record_id = carried.partner_id AND change.id < carried.id AND change.origin_id <> carried.origin_id
    ORDER BY id DESC LIMIT %(most)s
) AS cause
WHERE cause.place = 1 OR cause.id > last.id
"""
MOST = 5
"""So many changes of the other record are looked at, the latest ones."""


def of_changes(changes: Iterable[LocalChange]) -> Mapping[int, Chain]:
    """By change: the rules that led to it, the first one first. What is not in it was led to by none."""
    return _of_changes(list(changes), settings.RULE_CHAIN_LIMIT)


def after(chain: Iterable[Any], rule_id: Any) -> Chain:
    """The chain of what that rule's firing brings about."""
    return (*map(str, chain), str(rule_id))


def of_runs(run_ids: Sequence[Any]) -> Mapping[str, Chain]:
    """By run: the rules that led to it."""
    if not run_ids:
        return {}
    found = RuleFiring.objects.filter(runs__overlap=run_ids).values_list("runs", "chain", "rule_id")
    return {str(run): after(chain, rule_id) for runs, chain, rule_id in found for run in runs}


def _of_changes(changes: Sequence[LocalChange], hops: int) -> dict[int, Chain]:
    """`hops` bounds how many syncs one after the other are looked through."""
    fired = _of_firings(change.origin_id for change in changes if change.origin_kind == "automation")
    found = {change.pk: fired[change.origin_id] for change in changes if change.origin_id in fired}
    causes = _causes([change.pk for change in changes if change.origin_kind == "integration"]) if hops else {}
    if causes:
        wanted = {cause for each in causes.values() for cause in each}
        led = _of_changes(list(LocalChange.objects.filter(pk__in=wanted)), hops - 1)
        found |= {pk: max((led.get(cause, ()) for cause in each), key=len) for pk, each in causes.items()}
    return found


def _of_firings(origins: Iterator[str]) -> dict[str, Chain]:
    """By the id of the firing that wrote it."""
    ids = {origin for origin in origins if origin.isdigit()}
    found = RuleFiring.objects.filter(pk__in=ids).values_list("pk", "chain", "rule_id") if ids else ()
    return {str(pk): after(chain, rule_id) for pk, chain, rule_id in found}


def _causes(changes: Sequence[int]) -> dict[int, list[int]]:
    """Change that a sync wrote -> the changes of the other record that it may have carried over."""
    if not changes or planted("chain_forgotten"):
        return {}
    mirrors = [(one.key, key.upper(), resource) for one in catalog.all_types() for key, resource in one.mirrors]
    types, connectors, resources = zip(*mirrors, strict=True) if mirrors else ((), (), ())
    given = {"types": list(types), "connectors": list(connectors), "resources": list(resources)}
    found: dict[int, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_CAUSES, {**given, "changes": list(changes), "most": MOST})
        for change, cause in cursor.fetchall():
            found.setdefault(change, []).append(cause)
    return found
