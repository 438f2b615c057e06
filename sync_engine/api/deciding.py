"""A decision as it is asked for by the API: checked against the case, then carried out by the engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rest_framework.exceptions import ValidationError

from conflicts.models import ConflictResolution
from conflicts.strategies import Contest, latest_wins
from connectors.base.errors import ConnectorError
from integrations.enums import ConflictStrategy, SyncDirection
from integrations.mapping.errors import ConversionError, MappingError
from records import catalog
from records.api.errors import BadRequest, Conflict
from records.services import InvalidValues, RecordNotFound
from records.values import problem_of
from sync_engine.api.connection import refusal
from sync_engine.api.serializers.conflicts import ConflictSerializer
from sync_engine.deciding.choices import Choice, Outcome
from sync_engine.review import decisions, reopening, review
from sync_engine.review.standing import NotLinked
from sync_engine.running.leases import LeaseHeld

Kind = ConflictResolution.Kind
PATIENCE = 5.0
"""Seconds that a person waits for a run that is at the same type."""


def decide(case: ConflictResolution, asked: Mapping[str, Any], who: str) -> dict[str, Any]:
    """Carries the decision out and says what was applied. Raises API errors, 409 with the state as it is now."""
    strategy, values = _strategy(case, asked["strategy"]), _values(case, asked.get("resolved_data") or {})
    before = dict(case.local_data)
    push = bool(asked["push_to_external"])
    with _told(case):
        decided = decisions.resolve(
            case,
            strategy=strategy,
            values=values,
            resolved_by=who,
            push=push,
            seen=asked.get("token"),
            patience=PATIENCE,
        )
    outward = case.integration.sync_direction != SyncDirection.EXTERNAL_TO_LOCAL
    changed = any(before.get(name) != value for name, value in (decided.resolved_data or {}).items())
    return {decided.resource_type: decided.resource_id, "updated": changed, "syncedToExternal": push and outward}


def preview(case: ConflictResolution, asked: Mapping[str, Any]) -> Outcome:
    """What a decision would write. Raises API errors."""
    if case.kind != Kind.FIELDS:
        raise BadRequest("This case is decided as a whole; its review says in words what follows.", "kind")
    choice = Choice(
        _strategy(case, asked["strategy"]), _values(case, asked.get("resolved_data") or {}), asked["push_to_external"]
    )
    with _told(case):
        return review.preview(case, choice)


def ignore(case: ConflictResolution, who: str) -> ConflictResolution:
    """Raises API errors."""
    with _told(case):
        return reopening.ignore(case, by=who)


def reopen(case: ConflictResolution, who: str) -> ConflictResolution:
    """Raises API errors."""
    with _told(case):
        return reopening.reopen(case, by=who)


@contextmanager
def _told(case: ConflictResolution) -> Iterator[None]:
    """The engine's refusals as API errors."""
    try:
        yield
    except decisions.AlreadyDecided as error:
        case.refresh_from_db()
        raise _stale(case, str(error), "already_decided") from error
    except decisions.ConflictMoved as error:
        raise _stale(case, str(error), "moved") from error
    except LeaseHeld as error:
        raise Conflict(f"{error} Try again in a moment.", "running") from error
    except (NotLinked, RecordNotFound) as error:
        raise _stale(case, str(error), "moved") from error
    except decisions.CannotDecide as error:
        raise ValidationError({"resolvedData": [str(error)]}) from error
    except InvalidValues as error:
        raise ValidationError({"resolvedData": error.errors}) from error
    except ConnectorError as error:
        raise refusal(error) from error
    except ConversionError as error:
        raise ValidationError({"resolvedData": [str(error)]}) from error
    except MappingError as error:
        raise BadRequest(f"The mapping cannot be used: {error}", "mapping") from error


def _stale(case: ConflictResolution, sentence: str, code: str) -> Conflict:
    return Conflict(sentence, code, conflict=ConflictSerializer(case).data)


def _strategy(case: ConflictResolution, strategy: str) -> str:
    """The strategy that the engine carries out. Raises 400 where this case cannot be decided by it."""
    if strategy == ConflictStrategy.CUSTOM_MERGE and case.kind != Kind.FIELDS:
        raise BadRequest("A delete cannot be merged: choose LOCAL_WINS or EXTERNAL_WINS.", "kind")
    if strategy != ConflictStrategy.LATEST_WINS:
        return strategy
    found = latest_wins(Contest("", None, None, None, case.local_changed_at, case.external_changed_at), {})
    if found.winner is None:
        raise BadRequest(f"Nobody can say which edit is the later one ({found.rule}).", "no_latest")
    return str(ConflictStrategy.LOCAL_WINS if found.winner == "LOCAL" else ConflictStrategy.EXTERNAL_WINS)


def _values(case: ConflictResolution, given: Mapping[str, Any]) -> dict[str, Any]:
    """By canonical field name. Raises 400 with every value that cannot stand."""
    if case.kind in (Kind.MAY_EXIST, Kind.AMBIGUOUS):
        return dict(given)
    sync_type = catalog.get(case.resource_type)
    values: dict[str, Any] = {}
    problems: list[str] = []
    for name, value in given.items():
        canonical = sync_type.field(name).name if sync_type.has_field(name) else name
        if canonical not in case.conflicted_fields:
            problems.append(f"'{name}' is not contested; contested: {', '.join(case.conflicted_fields)}.")
        elif problem := problem_of(sync_type.field(canonical), value):
            problems.append(problem)
        values[canonical] = value
    if problems:
        raise ValidationError({"resolvedData": problems})
    return values
