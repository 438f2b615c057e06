"""What a connector hands to the engine: plain values, no ORM.

`ExternalRecord` is the provider's object as read; `Page` a stretch of a listing; `Feed` a stretch of a
change feed; `Event` one thing a webhook said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class ExternalRecord:
    """One object of the provider.

    `fields` is the provider's own JSON object, untouched, so that mapping paths mean what the provider's
    documentation says. `updated_at` is aware, in UTC, and is the provider's stamp, never ours. `version`
    is whatever the provider offers for a conditional write (etag, SyncToken), else None.
    """

    id: str
    fields: Mapping[str, Any]
    updated_at: datetime | None = None
    version: str | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Records of one page and the JSON value that asks for the next page (None on the last).

    `read_at` is the provider's own clock (its Date header) where it tells one, else ours: cursors are
    kept in the provider's time, so an hour of skew between the machines loses nothing.
    """

    records: Sequence[ExternalRecord]
    continuation: Any = None
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """One answer of a change feed: ids that moved, ids that are gone, the token to go on from.

    `expired` says that the old token is no longer known: read everything, then go on from `token`.
    """

    token: str
    changed: Sequence[str] = ()
    deleted: Sequence[str] = ()
    more: bool = False
    expired: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a webhook. Without `record` it is thin: a hint to read the record again."""

    resource: str
    external_id: str
    action: Literal["created", "changed", "deleted", "restored"]
    record: ExternalRecord | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """Who the credentials belong to. `id` is compared when an integration is authorised again."""

    id: str
    name: str
    api_version: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
