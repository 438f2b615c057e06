"""Records of the provider that could not be taken in: unreadable through the mapping, or refused when asked for. A
linked one keeps its link and base, and the reason stands on it; an unknown one is parked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from connectors.base.errors import Rejected
from connectors.base.records import ExternalRecord
from sync_engine import links
from sync_engine.context import Context
from sync_engine.inward import parking
from sync_engine.journal import FAILED, INWARD, UPDATE, Entry, Journal
from sync_engine.links import Light, Link
from sync_engine.shape import Shape
from sync_engine.traces import Trace, of_error


def unreadable(
    ctx: Context,
    shape: Shape,
    journal: Journal,
    refused: Sequence[tuple[str, str, str]],
    known: dict[str, Light],
    latest: dict[str, ExternalRecord],
    now: datetime,
) -> None:
    """A linked record that cannot be mapped keeps its link and base; the reason stands on it."""
    unknown = [one for one in refused if one[0] not in known]
    parking.park(ctx, shape, journal, unknown, now, side="EXTERNAL", behind=latest)
    reasons = {external_id: reason for external_id, _, reason in refused if external_id in known}
    if reasons and ctx.gate.writes:
        park_links(shape, journal, links.by_external(shape, list(reasons)).values(), reasons, now, latest)


def refuse(ctx: Context, shape: Shape, journal: Journal, refused: Mapping[str, Rejected]) -> None:
    """Records that the provider would not show when they were asked for by their ids: its own words stand on each,
    and a listing that shows the record again is looked at whatever it shows."""
    if not refused:
        return
    now = ctx.now()
    known = links.by_external(shape, list(refused))
    for link in known.values():
        link.external_hash = None
    reasons = {external_id: error.message for external_id, error in refused.items()}
    unknown = [(one, "rejected", reason) for one, reason in reasons.items() if one not in known]
    behind = {external_id: of_error(error) for external_id, error in refused.items()}
    parking.park(ctx, shape, journal, unknown, now, side="EXTERNAL", behind=behind)
    park_links(shape, journal, known.values(), reasons, now, behind)


def park_links(
    shape: Shape,
    journal: Journal,
    found: Iterable[Link],
    reasons: dict[str, str],
    now: datetime,
    behind: Mapping[str, Trace | ExternalRecord],
) -> None:
    moved = []
    for link in found:
        reason = reasons[link.external_id]
        if link.reason == reason:
            continue
        link.status, link.reason = links.ERROR, reason
        moved.append(link)
        journal.counters["failed"] += 1
        journal.add(_parked(link, reason, behind.get(link.external_id)))
    links.update(moved, now)


def _parked(link: Link, reason: str, behind: Trace | ExternalRecord | None) -> Entry:
    refused = isinstance(behind, Trace)
    return Entry(
        UPDATE,
        INWARD,
        link.internal_id,
        link.external_id,
        FAILED,
        failure="rejected" if refused else "invalid",
        message=reason,
        http_status=behind.status if isinstance(behind, Trace) else None,
        trace=behind if isinstance(behind, Trace) else None,
        record=behind.fields if isinstance(behind, ExternalRecord) else None,
    )
