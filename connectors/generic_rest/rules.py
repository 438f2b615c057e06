"""What the kit needs to know, made from the configuration: resources, paginators, error rules, limits."""

from __future__ import annotations

from connectors.base import paginators as kit
from connectors.base.answers import ErrorRules, Kind
from connectors.base.limits import Limit
from connectors.base.resource import Resource, WayBack

from . import config as c


def resource(rule: c.ResourceConfig) -> Resource:
    since = rule.list.since
    asked = since is not None and not since.client
    return Resource(
        key=rule.key,
        path=rule.path,
        items=rule.list.records,
        id=rule.id,
        updated_at=rule.updated_at or None,
        updated_since=next(iter((*since.params, *since.headers))) if since and asked else None,
        overlap=since.overlap if since else 60,
        lag=since.lag if since else 5,
        depends_on=rule.depends_on,
        writable=rule.create is not None or rule.update is not None,
        way_back=way_back(rule),
        search_lag=since.lag if since else 0,
        delete_kind=rule.delete.kind if rule.delete else "none",
        page_size=rule.list.page.size,
    )


def way_back(rule: c.ResourceConfig) -> WayBack:
    if rule.create and rule.create.client_id:
        return "client_id"
    return "natural_key" if rule.create and rule.create.natural_key else "none"


def paginator(page: c.PageRule) -> kit.Paginator:
    size = page.size_param
    match page.kind:
        case "page":
            stops = (page.next, page.pages, page.total)
            return kit.PageNumber(page.param, page.first, *stops, size_param=size)
        case "offset":
            return kit.Offset(page.param, page.total, size_param=size)
        case "cursor":
            return kit.Cursor(page.next, page.param, page.more, page.where, size_param=size)
        case "link":
            return kit.LinkHeader(page.rel.lower(), size_param=size)
        case "next_url":
            return kit.NextUrl(page.next, size_param=size)
        case "keyset":
            return kit.Keyset(page.params, page.more, size_param=size)
        case _:
            return kit.SinglePage()


def errors(config: c.Config) -> ErrorRules:
    """Statuses named under errors.retry are taken as "try again": the kit already tells reads and writes apart
    for 408 and 5xx, so only the others need saying."""
    plain = ErrorRules()
    retried: dict[int, Kind] = {status: "transient" for status in config.errors.retry if status < 500}
    for status in (408, 429):
        retried.pop(status, None)
    rate = config.rate
    when = (rate.reset[0],) if rate.reset else rate.retry_after
    unit = rate.reset[1] if rate.reset else "s"
    return ErrorRules(
        message=config.errors.message or plain.message,
        code=config.errors.code or plain.code,
        statuses=retried,
        ok_false=config.errors.ok_false,
        remaining=rate.remaining.lower() or plain.remaining,
        retry_after=tuple(name.lower() for name in when),
        reset_unit="epoch_s" if unit == "epoch_s" else "epoch_ms" if unit == "epoch_ms" else "s",
    )


def limits(rate: c.Rate) -> tuple[Limit, ...]:
    if rate.per_second >= 1:
        return (Limit(int(rate.per_second)),)
    return (Limit(1, 1 / rate.per_second),)
