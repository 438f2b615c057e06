"""Calls to the provider, several at a time, and what each answer means. No database in the threads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connectors.base.capabilities import Change, Pulls, Pushes
from connectors.base.errors import (
    AuthError,
    ConfigError,
    ConnectorError,
    NotFound,
    RateLimited,
    Rejected,
    Stale,
    Transient,
    UnknownOutcome,
)
from connectors.base.exchange import Exchange
from connectors.base.records import ExternalRecord
from integrations.mapping.errors import ConversionError
from sync_engine.deciding.clocks import in_our_time
from sync_engine.deciding.settle import ExternalState, LinkState, LocalState, Lookup, Policy, Settlement, settle
from sync_engine.inward import fetching
from sync_engine.outward import unconfirmed
from sync_engine.outward.parallel import ReadAhead, chunked, in_groups, in_parallel
from sync_engine.planted import planted
from sync_engine.ports import ports
from sync_engine.running.ladder import backoff
from sync_engine.shape import Shape
from sync_engine.traces import Trace, last_write, of_error

if TYPE_CHECKING:
    from sync_engine.context import Context
    from sync_engine.links import Link
    from sync_engine.outward.intents import Planned
    from sync_engine.queues import Pending

RETRY_SOON = 60.0
"""Seconds until a transient failure is tried again by a later run."""
LAST_STEP = 4
"""Of R1's ladder: 16 minutes."""


@dataclass(slots=True)
class Outcome:
    """Confirmed (`record`), refused, gone, unknown, or later. `written` = a write was confirmed."""

    record: ExternalRecord | None = None
    written: bool = False
    refused: bool = False
    gone: bool = False
    unknown: bool = False
    message: str = ""
    status: int | None = None
    retry_after: float = 0.0
    error: ConnectorError | None = None
    problem: Exception | None = None
    exchange: Exchange | None = None

    @property
    def answered(self) -> bool:
        """The provider is there: it said yes, or a reasoned no."""
        return not isinstance(self.error, Transient | UnknownOutcome)

    def trace(self, retries: int = 0) -> Trace:
        """What stands behind it, for the log."""
        problem = self.error or self.problem
        return Trace(self.exchange, None, retries) if problem is None else of_error(problem, retries)

    @property
    def fatal(self) -> bool:
        """The whole run cannot go on: credentials, settings, or the provider's limit."""
        return isinstance(self.error, AuthError | ConfigError | RateLimited)

    def raise_if_fatal(self) -> None:
        if self.fatal and self.error is not None:
            raise self.error


def later(row: Pending, outcome: Outcome) -> timedelta:
    """How long a record that was put off waits: by the steps of the ladder, the longest of them again and again,
    because the other records go on. A lost answer is settled by reading, which need not wait."""
    if not outcome.retry_after:
        return timedelta(0)
    return max(timedelta(seconds=outcome.retry_after), backoff(min(row.attempts, LAST_STEP)))


def failed(error: ConnectorError) -> Outcome:
    """A connector error as an outcome."""
    outcome = Outcome(message=error.message, status=error.status, error=error)
    if isinstance(error, NotFound):
        outcome.gone = True
    elif isinstance(error, Rejected):
        outcome.refused = True
    elif isinstance(error, UnknownOutcome):
        outcome.unknown = True
    elif isinstance(error, RateLimited):
        outcome.retry_after = error.retry_after or RETRY_SOON
    elif isinstance(error, Transient):
        outcome.retry_after = RETRY_SOON
    elif not isinstance(error, AuthError | ConfigError | Stale):
        outcome.refused = True
    return outcome


@dataclass(slots=True)
class Attempt:
    """One pending record on its way out. `again` = what it goes over is kept now: look once more, and write."""

    row: Pending
    link: Link
    snapshot: Any
    policy: Policy
    resolve: Lookup
    reverse: Lookup
    current: ExternalRecord | None = None
    settlement: Settlement | None = None
    outcome: Outcome = field(default_factory=Outcome)
    again: bool = False

    @property
    def deleted_here(self) -> bool:
        return self.snapshot is None or self.snapshot.deleted

    @property
    def local(self) -> tuple[Any, ...]:
        return () if self.snapshot is None else self.snapshot.values

    @property
    def overrules(self) -> bool:
        """Would the write go over an edit made there that a rule decides against?"""
        settled = self.settlement
        if settled is None or not settled.external_write:
            return False
        return any(one.decision.winner == "LOCAL" for one in settled.decided)


def create(shape: Shape, planned: Sequence[Planned]) -> Iterator[list[tuple[Planned, Outcome]]]:
    """Creates at the provider, in the chunks that it takes."""
    connector = shape.connector
    assert isinstance(connector, Pushes)
    size = max(1, connector.create_size)

    def work(chunk: Sequence[Planned]) -> list[tuple[Planned, Outcome]]:
        told: list[tuple[Planned, Outcome]] = []
        news: list[tuple[str, dict[str, Any]]] = []
        sent: list[Planned] = []
        for one in chunk:
            try:
                news.append((one.key, shape.mapping.write(one.sent)))
                sent.append(one)
            except ConversionError as error:
                told.append((one, Outcome(refused=True, message=str(error), problem=error)))
        try:
            answers = connector.create_many(shape.resource, news) if news else []
        except ConnectorError as error:
            return [*told, *((one, failed(error)) for one in sent)]
        exchange = last_write(connector) if len(sent) == 1 else None
        return [*told, *((one, _answered(answer, exchange)) for one, answer in zip(sent, answers, strict=True))]

    chunks = [planned[start : start + size] for start in range(0, len(planned), size)]
    return in_parallel(chunks, work, connector.threads)


def _answered(answer: ExternalRecord | ConnectorError, exchange: Exchange | None) -> Outcome:
    if isinstance(answer, ConnectorError):
        return failed(answer)
    return Outcome(record=answer, written=True, exchange=exchange)


def update(ctx: Context, shape: Shape, attempts: Sequence[Attempt]) -> Iterator[list[Attempt]]:
    """Reads a chunk, decides, and writes what must be written; yields the chunk with its outcomes. What `overrules` is
    read only: the losing value must be kept before it is written over, for an answer may be lost."""
    connector = shape.connector
    assert isinstance(connector, Pulls)
    chunks = chunked(attempts, max(1, connector.batch_size))
    if ctx.gate.open and ports().threads and shape.connector.threads:
        with ReadAhead(chunks, lambda chunk: _read(shape, chunk)) as read:

            def work(at: int) -> list[Attempt]:
                read(at)
                return _write_all(ctx, shape, chunks[at])

            for group in in_groups(range(len(chunks)), work):
                yield [attempt for chunk in group for attempt in chunk]
        return
    for chunk in chunks:
        _read(shape, chunk)
        if ctx.gate.open:
            _write_all(ctx, shape, chunk)
        else:
            _gate(ctx, shape, chunk)
        yield chunk


def _write_all(ctx: Context, shape: Shape, chunk: list[Attempt]) -> list[Attempt]:
    for attempt in chunk:
        if attempt.deleted_here:
            _delete(ctx, shape, attempt)
    _write(shape, [attempt for attempt in chunk if not attempt.deleted_here and not attempt.overrules])
    return chunk


def _delete(ctx: Context, shape: Shape, attempt: Attempt) -> None:
    """A local delete goes out, if nothing speaks against it."""
    from sync_engine.outward.local_deletes import may_delete_there

    connector = shape.connector
    assert isinstance(connector, Pushes)
    if attempt.outcome.record is None or ctx.hold_deletes or not may_delete_there(ctx, shape, attempt):
        return
    try:
        connector.delete(shape.resource, attempt.link.external_id, current=attempt.current)
    except ConnectorError as error:
        attempt.outcome = failed(error)
        return
    attempt.outcome = Outcome(written=True, exchange=last_write(connector))


def _gate(ctx: Context, shape: Shape, chunk: Sequence[Attempt]) -> None:
    """A plan files the writes; a replay carries out those that were filed."""
    from sync_engine.outward.local_deletes import delete_step, may_delete_there
    from sync_engine.outward.push import preview_steps

    writing = [one for one in chunk if one.settlement is not None and one.settlement.external_write]
    answers = ctx.gate.permit(shape.type, list(preview_steps(shape, writing)))
    _write(shape, [attempt for attempt, yes in zip(writing, answers, strict=True) if yes])
    deleting = [one for one in chunk if one.deleted_here and may_delete_there(ctx, shape, one)]
    steps = [delete_step(one.link) for one in deleting]
    for attempt, yes in zip(deleting, ctx.gate.permit(shape.type, steps), strict=True):
        if yes:
            _delete(ctx, shape, attempt)


def _read(shape: Shape, chunk: Sequence[Attempt]) -> None:
    try:
        found = fetching.fetch(shape, [one.link.external_id for one in chunk])
    except ConnectorError as error:
        for attempt in chunk:
            attempt.outcome = failed(error)
        return
    for attempt in chunk:
        if refused := found.refused.get(attempt.link.external_id):
            attempt.outcome = failed(refused)
        else:
            _decide(shape, attempt, found.records.get(attempt.link.external_id))


def _decide(shape: Shape, attempt: Attempt, record: ExternalRecord | None) -> None:
    attempt.current = record
    if record is None or record.deleted:
        attempt.outcome = Outcome(gone=True)
        return
    attempt.outcome = Outcome(record=record)
    if attempt.deleted_here:
        return
    try:
        values = shape.mapping.read_external(record.fields)
        if planted("push_without_read"):
            values = tuple(attempt.link.external_base.get(key) for key in shape.keys)
        attempt.settlement = settle(
            shape,
            unconfirmed.adopt(
                shape,
                LinkState(attempt.link.local_base, attempt.link.external_base),
                values,
                attempt.row.sent,
                attempt.reverse,
                moved=unconfirmed.moved(record, attempt.link),
            ),
            LocalState(attempt.local, attempt.row.changed_at),
            ExternalState(values, in_our_time(shape.connector, record.updated_at)),
            attempt.policy,
            attempt.resolve,
            attempt.reverse,
        )
    except ConversionError as error:
        attempt.outcome = Outcome(refused=True, message=str(error), problem=error)


def _write(shape: Shape, attempts: Sequence[Attempt]) -> None:
    """The provider calls of those attempts that need one, as many together as the provider takes."""
    connector = shape.connector
    assert isinstance(connector, Pushes)
    writing = [one for one in attempts if one.settlement is not None and one.settlement.external_write]
    for chunk in chunked([one for one in writing if one.outcome.record is not None], max(1, connector.update_size)):
        _write_chunk(shape, connector, chunk)


def _write_chunk(shape: Shape, connector: Pushes, chunk: Sequence[Attempt]) -> None:
    changes: list[Change] = []
    sent: list[Attempt] = []
    for attempt in chunk:
        assert attempt.settlement is not None
        assert attempt.current is not None
        try:
            fields = shape.written(attempt.settlement.external_write, attempt.current)
        except ConversionError as error:
            attempt.outcome = Outcome(refused=True, message=str(error), problem=error)
            continue
        changes.append((attempt.link.external_id, fields, attempt.current))
        sent.append(attempt)
    try:
        answers = connector.update_many(shape.resource, changes) if changes else []
    except ConnectorError as error:
        answers = [error for _ in sent]
    exchange = last_write(shape.connector) if len(sent) == 1 else None
    for attempt, answer in zip(sent, answers, strict=True):
        attempt.outcome = _answered(answer, exchange)
