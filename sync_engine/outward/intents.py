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
from connectors.base.errors import UnknownOutcome
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
            "external": {shape.keys[index]: value for index, value in self.sent.items()},
        }
        return orjson.dumps(values).decode()


@dataclass(frozen=True, slots=True)
class Doubts:
    """Creates whose outcome is not known. `waiting` = some are still to be looked for; `asked` holds what was
    sent (rule index -> external value) by those that a person must decide on, `candidates` the records they name."""

    waiting: bool
    asked: list[dict[int, Any]]
    candidates: frozenset[str] = frozenset()

    def about(self, external_id: str, values: Sequence[Any]) -> bool:
        """May a record with these mapped external values be one that a person was asked about?"""
        if external_id in self.candidates:
            return True
        return any(all(values[index] == value for index, value in sent.items()) for sent in self.asked)


def doubts(shape: Shape) -> Doubts:
    """The creates of this type that are in doubt; mostly none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, values FROM integrations_intent WHERE integration_id = %s AND resource_type = %s",
            [shape.integration.pk, shape.type],
        )
        rows = cursor.fetchall()
    asked = [orjson.loads(values) for state, values in rows if state == "UNSETTLED"]
    return Doubts(
        any(state == "OPEN" for state, _ in rows),
        [_sent(shape, values) for values in asked],
        frozenset(one for values in asked for one in values.get("candidates", ())),
    )


def _sent(shape: Shape, values: Mapping[str, Any]) -> dict[int, Any]:
    """What was sent, by the rules in force now: the mapping may have changed since."""
    at = {key: index for index, key in enumerate(shape.keys)}
    return {at[key]: value for key, value in values["external"].items() if key in at}


def write_ahead(shape: Shape, planned: Sequence[Planned], now: datetime) -> None:
    """Commits the intents. Must be called outside of a transaction."""
    if planted("no_intent"):
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO integrations_intent (integration_id, resource_type, internal_id, action, key, values, state, "
            "attempted, created_at) SELECT %s, %s, new.id, 'create', new.key, new.values::jsonb, 'OPEN', true, %s "
            "FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) AS new(id, key, values) "
            "ON CONFLICT (integration_id, resource_type, internal_id) DO NOTHING",
            [
                shape.integration.pk,
                shape.type,
                now,
                [one.internal_id for one in planned],
                [one.key for one in planned],
                [one.stored(shape) for one in planned],
            ],
        )


def close(shape: Shape, internal_ids: Sequence[str]) -> None:
    """The outcome is known."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM integrations_intent WHERE integration_id = %s AND resource_type = %s "
            "AND internal_id = ANY(%s::uuid[])",
            [shape.integration.pk, shape.type, list(internal_ids)],
        )


def standing(shape: Shape, internal_ids: Sequence[str]) -> dict[str, str]:
    """The state of the intent, open or unsettled, of those of these records that have one: they are not created
    again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT internal_id::text, state FROM integrations_intent WHERE integration_id = %s AND resource_type = %s "
            "AND internal_id = ANY(%s::uuid[])",
            [shape.integration.pk, shape.type, list(internal_ids)],
        )
        return dict(cursor.fetchall())


def settle_open(ctx: Context, shape: Shape) -> None:
    """Looks for the outcome of every create in doubt: first for what shows what was sent, then among what is left."""
    from integrations.models import Intent

    in_doubt = Intent.objects.filter(integration=shape.integration, resource_type=shape.type, state=Intent.State.OPEN)
    missing = [intent for intent in in_doubt.order_by("id") if not _settle(ctx, shape, intent)]
    for intent in missing:
        _not_found(ctx, shape, intent)


def _settle(ctx: Context, shape: Shape, intent: Any) -> bool:
    """False if nothing there shows what was sent."""
    resource = shape.resource
    if planted("repeat_unknown_create"):
        close(shape, [str(intent.internal_id)])
        return True
    if resource.way_back == "none":
        _ask(ctx, shape, intent, [], "")
        return True
    if ports().clock.now() < intent.created_at + timedelta(seconds=resource.search_lag):
        return True
    assert isinstance(shape.connector, Pushes)
    sent = _sent(shape, intent.values)
    fields = shape.mapping.write(sent)
    try:
        found = shape.connector.find_created(resource, fields, key=str(intent.key), after=intent.created_at)
    except UnknownOutcome as problem:  # there is nothing to look for
        _ask(ctx, shape, intent, [], problem.message)
        return True
    free = _free(shape, found)
    if len(free) > 1:
        _ask(ctx, shape, intent, free, "These show what was sent.")
    elif free:
        adopt(ctx, shape, intent, free[0])
    return bool(free)


def _not_found(ctx: Context, shape: Shape, intent: Any) -> None:
    """The create never happened, unless somebody has edited what it made (or the provider rewrote it): then only a
    person can tell."""
    assert isinstance(shape.connector, Pushes)
    possible: list[ExternalRecord] = []
    if shape.resource.way_back == "natural_key":
        possible = _free(shape, shape.connector.possibly_created(shape.resource, after=intent.created_at))
    if possible:
        _ask(ctx, shape, intent, possible, "None shows what was sent, but somebody may have edited it since.")
    elif _surely_missed(shape, intent):
        with transaction.atomic():
            close(shape, [str(intent.internal_id)])


def _surely_missed(shape: Shape, intent: Any) -> bool:
    """An index that lags hides what was edited a moment ago, so there it takes two empty looks with the lag between."""
    lag, now = timedelta(seconds=shape.resource.search_lag), ports().clock.now()
    if not lag or shape.resource.way_back != "natural_key":
        return True
    if first := intent.values.get("missed_at"):
        return now >= datetime.fromisoformat(first) + lag
    intent.values = {**intent.values, "missed_at": now.isoformat()}
    intent.save(update_fields=["values"])
    return False


def _free(shape: Shape, found: Sequence[ExternalRecord]) -> list[ExternalRecord]:
    taken = links.light(shape, [record.id for record in found])
    return [record for record in found if record.id not in taken]


def adopt(ctx: Context, shape: Shape, intent: Any, record: ExternalRecord) -> None:
    """The create had happened: link it, as its answer would have done."""
    from sync_engine.inward.pull import process
    from sync_engine.outward.creates import link_created

    local = tuple(intent.values["local"].get(name) for name in shape.names)
    sent = _sent(shape, intent.values)
    planned = Planned(str(intent.internal_id), str(intent.key), local, sent)
    with transaction.atomic():
        journal = ctx.journal(shape)
        link_created(ctx, shape, journal, [(planned, record, None)], ctx.now(), found=True)
        journal.counters["settled"] += 1
        process(ctx, shape, journal, [record], fresh=True)
        ctx.commit(journal)


def _ask(ctx: Context, shape: Shape, intent: Any, found: Sequence[ExternalRecord], hint: str) -> None:
    """A "may exist" card: a person says which one it is, or that there is none."""
    from conflicts.services import Case, Kind, open_case

    reason = (
        f"A create was sent to {shape.connector.label} at {intent.created_at:%Y-%m-%d %H:%M} and no answer came. "
        f"{len(found) or 'No'} candidate(s) were found. {hint} Link the right one or create it again."
    ).replace("  ", " ")
    candidates = [record.id for record in found]
    with transaction.atomic():
        intent.state, intent.values = "UNSETTLED", {**intent.values, "candidates": candidates}
        intent.save(update_fields=["state", "values"])
        case = Case(
            ctx.integration,
            ctx.run_id,
            shape.type,
            str(intent.internal_id),
            "",
            kind=Kind.MAY_EXIST,
            reason=reason,
            data={"local": intent.values["local"], "external": {"candidates": candidates}},
        )
        open_case(case, ctx.now())
