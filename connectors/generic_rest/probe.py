"""The test connection as a report: what works, what works within a named limit, what does not.

    report = probe(connector)                                   reads only
    report = probe(connector, write={"contact": {"email": "probe@example.com"}})   with consent: one own record

Each line is green, amber (works with a limit that the sentence names) or red. A line never raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal

from connectors.base.errors import ConnectorError
from connectors.base.records import ExternalRecord, Page

from .calls import Calls
from .connector import GenericRestConnector
from .listing import Listing

Level = Literal["green", "amber", "red"]
FUTURE = datetime(2999, 1, 1, tzinfo=UTC)
PAST = datetime(1971, 1, 1, tzinfo=UTC)
LARGE = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """`subject` is "connection" or a resource type; `step` one of check, list, since, size, write."""

    subject: str
    step: str
    level: Level
    sentence: str


@dataclass(slots=True)
class Report:
    """`page_sizes`: resource type -> the largest page that the API gives, where it is less than asked."""

    lines: list[Line] = field(default_factory=list)
    page_sizes: dict[str, int] = field(default_factory=dict)

    @property
    def level(self) -> Level:
        """The worst of all lines."""
        found = {line.level for line in self.lines}
        return "red" if "red" in found else "amber" if "amber" in found else "green"


Findings = Iterator[tuple[Level, str]]


def probe(connector: GenericRestConnector, *, write: Mapping[str, Mapping[str, Any]] | None = None) -> Report:
    """`write`: resource type -> fields of one record that may be created, changed and deleted again."""
    report = Report()
    _run(report, "connection", "check", partial(_check, connector))
    if report.level == "red":
        return report
    for key in connector.config.resources:
        calls = connector.calls(key)
        _run(report, key, "list", partial(_list, calls))
        _run(report, key, "since", partial(_since, calls))
        _run(report, key, "size", partial(_size, calls, report))
        if write and key in write:
            _run(report, key, "write", partial(_write, connector, key, write[key]))
    return report


def _run(report: Report, subject: str, step: str, find: Callable[[], Findings]) -> None:
    try:
        report.lines += [Line(subject, step, level, sentence) for level, sentence in find()]
    except ConnectorError as problem:
        report.lines.append(Line(subject, step, "red", problem.message))


def _check(connector: GenericRestConnector) -> Findings:
    account = connector.test()
    yield "green", f"The API accepts the credentials (account {account.id})."


def _first(calls: Calls, since: datetime | None = None, size: int = 2) -> tuple[Page, Any, Listing]:
    listing = Listing(calls, since, size=size)
    page, following = listing.page({"part": 0, "at": listing.paginator.begin()})
    return page, following, listing


def _list(calls: Calls) -> Findings:
    page, following, listing = _first(calls)
    ids = [record.id for record in page.records]
    if len(set(ids)) != len(ids):
        yield "red", f"Ids repeat within one page: {calls.rule.id!r} is not the id."
        return
    if following is None:
        yield "green", f"The list has {len(ids)} records on one page."
        return
    second = [record.id for record in listing.page(following)[0].records]
    if second and set(second) <= set(ids):
        yield "red", "The second page repeats the first: the page parameter is ignored."
    else:
        yield "green", "The list is read page by page."
    if calls.rule.updated_at and any(record.updated_at is None for record in page.records):
        yield "amber", "Some records have no change stamp; their changes are found by a full read only."


def _since(calls: Calls) -> Findings:
    """A wrong parameter name is ignored (all rows), refused, or taken as a field filter (no rows at all)."""
    rule = calls.rule.list.since
    if rule is None or rule.client:
        yield "amber", "The API cannot be asked for changes: every run reads everything and compares."
        return
    everything = _ids(_first(calls)[0])
    future, past = _ids(_first(calls, FUTURE)[0]), _ids(_first(calls, PAST)[0])
    if not everything:
        yield "amber", "The list is empty, so the changed-since filter could not be tried."
    elif future == everything:
        yield "red", "The changed-since filter is ignored: every run would read everything. Check list.since."
    elif future:
        yield "red", "Records changed after the year 2999 are answered: the changed-since filter is not one."
    elif not past:
        yield "red", "The changed-since filter finds nothing ever: no change would be seen. Check list.since."
    elif past != everything:
        yield "amber", "With an old stamp the filter answers another first page than without: check the order of rows."
    else:
        yield "green", "The API can be asked for changes only."


def _size(calls: Calls, report: Report) -> Findings:
    if not calls.rule.list.page.size_param:
        yield "green", "The API chooses the page size."
        return
    page, following, _ = _first(calls, size=LARGE)
    count = len(page.records)
    if following is None or count >= LARGE:
        yield "green", f"A page of {count} records is given when {LARGE} are asked for."
        return
    report.page_sizes[calls.rule.key] = count
    asked = calls.rule.list.page.size
    level: Level = "amber" if asked > count else "green"
    yield (
        level,
        f"A page holds {count} records at the most" + (f"; list.page.size says {asked}." if asked > count else "."),
    )


def _write(connector: GenericRestConnector, key: str, fields: Mapping[str, Any]) -> Findings:
    """Create, read, update one field, delete, read again, on one record of our own."""
    resource, calls = connector.resource(key), connector.calls(key)
    if calls.rule.create is None:
        yield "amber", "The configuration creates nothing here."
        return
    made = connector.create(resource, fields, key="probe")
    try:
        read = connector.fetch(resource, made.id)
        yield "green", f"Created and read back as {made.id}."
        if calls.rule.update is not None:
            yield from _changed(connector, key, read, fields)
    finally:
        if calls.rule.delete is not None:
            connector.delete(resource, made.id)
    yield from _deleted(connector, key, made.id)


def _changed(connector: GenericRestConnector, key: str, read: ExternalRecord, fields: Mapping[str, Any]) -> Findings:
    resource, rule = connector.resource(key), connector.calls(key).rule
    name = next(iter(fields))
    after = connector.update(resource, read.id, {name: fields[name]}, current=read)
    own = {path.split(".")[0].split("[")[0] for path in (rule.id, *rule.updated_at, *rule.created_at)} | {name}
    lost = [each for each in read.fields if each not in own and read.fields[each] != after.fields.get(each)]
    lost = [each for each in lost if not each.lower().startswith(("updated", "modified", "date_updated"))]
    if lost:
        yield (
            "red",
            f"Updating {name!r} also changed {', '.join(lost)}: the verb replaces all. Set update.partial false.",
        )
    else:
        yield "green", "An update leaves other fields alone."
    if rule.updated_at and after.updated_at is not None and read.updated_at is not None:
        moved = after.updated_at >= read.updated_at
        yield ("green", "The change stamp follows.") if moved else ("red", "The change stamp runs backwards.")


def _deleted(connector: GenericRestConnector, key: str, external_id: str) -> Findings:
    resource, rule = connector.resource(key), connector.calls(key).rule
    if rule.delete is None:
        yield "amber", f"The configuration deletes nothing here; remove the record {external_id} by hand."
        return
    try:
        after = connector.fetch(resource, external_id)
    except ConnectorError as problem:
        gone = problem.code == "not_found"
        yield ("green" if gone else "red", "A deleted record is gone." if gone else problem.message)
        return
    if after.deleted:
        yield "green", "A deleted record stays readable and is marked."
    else:
        yield "red", "A deleted record still reads as if it lived: declare `deleted`."


def _ids(page: Page) -> list[str]:
    return [record.id for record in page.records]
