"""Change feeds: where a provider tells of deletes, a place in its feed is kept beside the cursor."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from connectors.base.capabilities import Feeds
from connectors.base.errors import ConfigError, ConnectorError, NotFound, Rejected
from integrations.models import SyncCursor
from sync_engine import links, queues
from sync_engine.context import Context
from sync_engine.ports import ports
from sync_engine.shape import Shape

NO_FEED = "unavailable"


def take_place(ctx: Context, shape: Shape, cursor: SyncCursor) -> None:
    """A feed's token is taken before the full read, so that nothing falls between the two."""
    connector = _with_feed(shape, cursor)
    if connector is not None and ctx.gate.writes:
        try:
            cursor.feed_token = connector.feed(shape.resource, None).token
        except (NotFound, Rejected, ConfigError) as error:
            _no_feed(cursor, error)


def _no_feed(cursor: SyncCursor, error: ConnectorError) -> None:
    """The account has no feed, which its own refusal shows; a web page in between (200, 503) shows nothing."""
    if error.status is None or not 400 <= error.status < 500:
        raise error
    cursor.feed_token = NO_FEED


def _with_feed(shape: Shape, cursor: SyncCursor) -> Feeds | None:
    """The connector, where its change feed tells of this type and has answered before."""
    connector = shape.connector
    usable = shape.resource.in_feed and cursor.feed_token != NO_FEED
    return connector if usable and isinstance(connector, Feeds) else None


def tombstones(ctx: Context, shape: Shape, cursor: SyncCursor) -> None:
    """What the change feed says of deletes; a first sign, checked like any other."""
    connector = _with_feed(shape, cursor)
    if connector is None or not ctx.gate.writes:
        return
    if not cursor.feed_token:
        # Never had a place in the feed: only a full listing tells what is gone, and it takes a place first.
        cursor.complete = False
        return
    while True:
        try:
            feed = connector.feed(shape.resource, cursor.feed_token)
        except (NotFound, Rejected, ConfigError) as error:
            _no_feed(cursor, error)
            return
        ports().effect("feed read")
        with transaction.atomic():
            # Having lost its place, only a full listing tells what is gone.
            cursor.complete = cursor.complete and not feed.expired
            links.mark_missing(shape, list(feed.deleted), ctx.now())
            if feed.changed and not feed.expired:
                queues.enqueue_rereads(shape, _unlinked(shape, feed.changed), "feed", ctx.now())
            cursor.feed_token = feed.token
            cursor.save(update_fields=["feed_token", "complete"])
            ctx.assert_lease()
        if not feed.more:
            return


def _unlinked(shape: Shape, external_ids: Iterable[str]) -> list[str]:
    """Tombstoned links whose record stirs again; everything else comes by the listing."""
    ids = list(dict.fromkeys(external_ids))
    known = links.light(shape, ids)
    return [key for key in ids if key in known and not known[key].quiet]
