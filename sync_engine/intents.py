"""Write-ahead rows of outward creates, and the way back after an unknown outcome.

The row is committed before the call. Whatever happens then, the next run finds it, looks at the provider and
only then decides: link what is there, try again, or ask a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db import connection, transaction

from connectors.base.capabilities import Pushes
from connectors.base.records import ExternalRecord
from sync_engine import links
from sync_engine.context import Context
from sync_engine.planted import planted
from sync_engine.ports import ports
from sync_engine.shape import Shape


@dataclass(frozen=True, slots=True)
class Planned:
    """One create about to happen. `local` is the local tuple, `sent` rule index -> external value."""

    internal_id: str
    key: str
    local: tuple[Any, ...]
    sent: Mapping[int, Any]

    def stored(self, shape: Shape) -> str:
        values = {
            "local": dict(zip(shape.names, self.local, strict=True)),
            "external": {str(index): value for index, value in self.sent.items()},
        }
        return orjson.dumps(values).decode()


@dataclass(frozen=True, slots=True)
class Doubts:
    """Creates whose outcome is not known. `waiting` = some are still to be looked for; `asked` holds what was
    sent (rule index -> external value) by those that a person must decide on."""

    waiting: bool
    asked: list[dict[int, Any]]

    def about(self, values: Sequence[Any]) -> bool:
        """May a record with these mapped external values be one that a person was asked about?"""
        return any(all(values[index] == value for index, value in sent.items()) for sent in self.asked)


def doubts(shape: Shape) -> Doubts:
    """The creates of this type that are in doubt; mostly none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, values -> 'external' FROM integrations_intent "
            "WHERE integration_id = %s AND resource_type = %s",
            [shape.integration.pk, shape.type],
        )
        rows = cursor.fetchall()
    asked = [orjson.loads(sent) for state, sent in rows if state == "UNSETTLED"]
    return Doubts(
        any(state == "OPEN" for state, _ in rows),
        [{int(index): value for index, value in sent.items()} for sent in asked],
    )


def write_ahead(shape: Shape, planned: Sequence[Planned], now: datetime) -> None:
    """Commits the intents. Must be called outside of a transaction."""
    if planted("no_intent"):
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO integrations_intent (integration_id, resource_type, internal_id, action, key, values, state, "
            "attempted, created_at) VALUES (%s, %s, %s, 'create', %s, %s, 'OPEN', true, %s) "
            "ON CONFLICT (integration_id, resource_type, internal_id) DO NOTHING",
            [(shape.integration.pk, shape.type, one.internal_id, one.key, one.stored(shape), now) for one in planned],
        )


def close(shape: Shape, internal_ids: Sequence[str]) -> None:
    """The outcome is known."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM integrations_intent WHERE integration_id = %s AND resource_type = %s "
            "AND internal_id = ANY(%s::uuid[])",
            [shape.integration.pk, shape.type, list(internal_ids)],
        )


def standing(shape: Shape, internal_ids: Sequence[str]) -> set[str]:
    """Which of these records have an intent, open or unsettled: they are not created again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT internal_id::text FROM integrations_intent WHERE integration_id = %s AND resource_type = %s "
            "AND internal_id = ANY(%s::uuid[])",
            [shape.integration.pk, shape.type, list(internal_ids)],
        )
        return {row[0] for row in cursor.fetchall()}


def settle_open(ctx: Context, shape: Shape) -> None:
    """Looks for the outcome of every create in doubt."""
    from integrations.models import Intent

    for intent in Intent.objects.filter(
        integration=shape.integration, resource_type=shape.type, state=Intent.State.OPEN
    ).order_by("id"):
        _settle(ctx, shape, intent)


def _settle(ctx: Context, shape: Shape, intent: Any) -> None:
    resource = shape.resource
    if planted("repeat_unknown_create"):
        close(shape, [str(intent.internal_id)])
        return
    if resource.way_back == "none":
        _ask(ctx, shape, intent, [])
        return
    if ports().clock.now() < intent.created_at + timedelta(seconds=resource.search_lag):
        return
    assert isinstance(shape.connector, Pushes)
    sent = {int(index): value for index, value in intent.values["external"].items()}
    found = shape.connector.find_created(
        resource, shape.mapping.write(sent), key=str(intent.key), after=intent.created_at
    )
    taken = links.light(shape, [record.id for record in found])
    free = [record for record in found if record.id not in taken]
    if len(free) > 1:
        _ask(ctx, shape, intent, free)
    elif free:
        adopt(ctx, shape, intent, free[0])
    else:
        with transaction.atomic():
            close(shape, [str(intent.internal_id)])


def adopt(ctx: Context, shape: Shape, intent: Any, record: ExternalRecord) -> None:
    """The create had happened: link it, as its answer would have done."""
    from sync_engine.creates import link_created
    from sync_engine.pull import process

    local = tuple(intent.values["local"].get(name) for name in shape.names)
    sent = {int(index): value for index, value in intent.values["external"].items()}
    planned = Planned(str(intent.internal_id), str(intent.key), local, sent)
    with transaction.atomic():
        journal = ctx.journal(shape)
        link_created(ctx, shape, journal, planned, record, ctx.now(), found=True)
        journal.counters["settled"] += 1
        process(ctx, shape, journal, [record], fresh=True)
        ctx.commit(journal)


def _ask(ctx: Context, shape: Shape, intent: Any, found: Sequence[ExternalRecord]) -> None:
    """A "may exist" card: a person says which one it is, or that there is none."""
    from conflicts.services import Case, Kind, open_case

    reason = (
        f"A create was sent to {shape.connector.label} at {intent.created_at:%Y-%m-%d %H:%M} and no answer came. "
        f"{len(found) or 'No'} candidate(s) were found. Link the right one or create it again."
    )
    with transaction.atomic():
        intent.state = "UNSETTLED"
        intent.save(update_fields=["state"])
        case = Case(
            ctx.integration,
            ctx.run_id,
            shape.type,
            str(intent.internal_id),
            "",
            kind=Kind.MAY_EXIST,
            reason=reason,
            data={"local": intent.values["local"], "external": {"candidates": [record.id for record in found]}},
        )
        open_case(case, ctx.now())
