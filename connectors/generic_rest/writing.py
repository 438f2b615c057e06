"""Creates, updates, deletes, and the way back after a create whose answer was lost.

A write counts as done when its answer, or a read after it, says so. What may have happened and cannot be
read raises `UnknownOutcome`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from connectors.base import stamps as read
from connectors.base.answers import Answer
from connectors.base.errors import ConfigError, ConnectorError, NotFound, Rejected, Stale, Transient, UnknownOutcome
from connectors.base.paths import first_of, get_path, set_path
from connectors.base.records import ExternalRecord
from connectors.base.templates import fill

from . import stamps
from .calls import Calls
from .config import WriteCall
from .listing import Listing

SEARCH_BACK = timedelta(hours=2)  # more than the clocks of two machines are apart
GRAIN = timedelta(seconds=5)  # coarse stamps, slow commits


def create(calls: Calls, fields: Mapping[str, Any], key: str) -> ExternalRecord:
    rule, call = calls.rule, _offered(calls, "create")
    body = _outgoing(calls, fields)
    if call.client_id:
        set_path(body, call.client_id, key)
    answer = calls.client.request(call.verb, calls.path(call.path), json=_wrapped(call, body))
    expected = not call.ok or answer.status in call.ok
    if expected and call.returns == "record" and isinstance(calls.unwrap(answer), dict):
        return _readable(calls, answer)
    external_id = _new_id(calls, call, answer) or (key if call.client_id else "")
    if not external_id:
        raise UnknownOutcome(f"The create of a {rule.key} was answered with {answer.status} and without an id.")
    return _confirmed(calls, external_id)


def update(calls: Calls, external_id: str, fields: Mapping[str, Any], current: ExternalRecord) -> ExternalRecord:
    call = _offered(calls, "update")
    body = _outgoing(calls, fields)
    base = current if call.partial else _fresh(calls, external_id, body, current)
    sent = {name: _merged(base.fields.get(name), value) for name, value in body.items()}
    whole = sent if call.partial else {**base.fields, **sent}
    headers = _condition(calls, base, whole)
    answer = _send(calls, call.verb, calls.record_path(call.path, external_id), _wrapped(call, whole), headers)
    expected = not call.ok or answer.status in call.ok
    if expected and call.returns == "record" and isinstance(calls.unwrap(answer), dict):
        record = _readable(calls, answer)
        if record.id != external_id:
            raise Rejected(f"The API gave the {calls.rule.key} {external_id} another id, {record.id}: check `id`.")
        return record
    record = _confirmed(calls, external_id)
    if not expected and not _holds(record.fields, sent):
        raise Rejected(
            f"The update was answered with {answer.status}, which update.ok does not hold, and changed nothing."
        )
    return record


def delete(calls: Calls, external_id: str, current: ExternalRecord | None = None) -> None:
    """Where the API knows versions, only the record as it was read: raises `Stale` if it has changed since."""
    call = calls.rule.delete
    if call is None or call.kind == "none":
        raise ConfigError(f"The configuration says that a {calls.rule.key} cannot be deleted at this API.")
    body = _filled(call.body, external_id) if call.body is not None else None
    if body is not None and call.verb != "DELETE":
        _stamp(calls, body)
    by_header = calls.rule.version is not None and calls.rule.version.send.startswith("header:")
    headers = _condition(calls, current, {}) if current is not None and by_header else {}
    try:
        answer = _send(calls, call.verb, calls.record_path(call.path, external_id), body, headers)
    except NotFound:
        return  # gone already
    if call.ok and answer.status not in call.ok and not _gone(calls, external_id):
        raise Rejected(f"The delete was answered with {answer.status}, which delete.ok does not hold; nothing is gone.")


def find_created(calls: Calls, fields: Mapping[str, Any], key: str, after: datetime) -> list[ExternalRecord]:
    """By the client id, else by the natural key among what was created since. Somebody else may have made a record of
    the same key meanwhile: where `possibly_created` can show it to a person, only one that holds all that was sent is
    taken for ours. Raises `UnknownOutcome` where the record has no value to look for: an empty search would pass for
    "never created"."""
    call = _offered(calls, "create")
    if call.client_id:
        try:
            return [calls.fetch(key)]
        except NotFound:
            return []
    sent = _respelt(calls, fields)
    wanted = {path: get_path(sent, path) for path in call.natural_key}
    if all(value in (None, "") for value in wanted.values()):
        raise UnknownOutcome(f"The {calls.rule.key} has no value at {', '.join(call.natural_key)} to look for.")
    made = _made(calls, after)
    keyed = [record for record in made if all(get_path(record.fields, path) == one for path, one in wanted.items())]
    return [record for record in keyed if _holds(record.fields, sent)] if calls.rule.created_at else keyed


def possibly_created(calls: Calls, after: datetime) -> list[ExternalRecord]:
    """What was made since, whoever made it: few APIs say who did. Without creation stamps nothing can be told apart,
    so that a record which does not show what was sent counts as another one."""
    return _made(calls, after) if calls.rule.created_at else []


def _made(calls: Calls, after: datetime) -> list[ExternalRecord]:
    found: dict[str, ExternalRecord] = {}
    for page in Listing(calls, _back(calls, after)).pages():
        now = calls.client.context.clock.now()
        earliest = after + ((page.read_at or now) - now) - GRAIN  # in the API's own time
        for record in page.records:
            if not record.deleted and _since(calls, record, earliest):
                found[record.id] = record
    return list(found.values())


def _back(calls: Calls, after: datetime) -> datetime | None:
    since = calls.rule.list.since
    return after - SEARCH_BACK if since and not since.client else None


def _since(calls: Calls, record: ExternalRecord, earliest: datetime) -> bool:
    try:
        created = read.parse(first_of(record.fields, calls.rule.created_at), calls.zone)
    except ValueError:
        created = None
    return created is None or created >= earliest


def _offered(calls: Calls, name: str) -> WriteCall:
    call: WriteCall | None = getattr(calls.rule, name)
    if call is None:
        raise ConfigError(f"The configuration has no resources.{calls.rule.key}.{name}, so this cannot be written.")
    return call


def _outgoing(calls: Calls, fields: Mapping[str, Any]) -> dict[str, Any]:
    body = _respelt(calls, fields)
    _stamp(calls, body)
    return body


def _respelt(calls: Calls, fields: Mapping[str, Any]) -> dict[str, Any]:
    out, zone = calls.config.dates_out, calls.config.zone
    return {name: stamps.respell(value, out, zone) if out else value for name, value in fields.items()}


def _stamp(calls: Calls, body: dict[str, Any]) -> None:
    """For servers without stamps of their own."""
    style = calls.config.dates_out or "iso_ms_z"
    for path in calls.rule.stamp:
        set_path(body, path, stamps.written(calls.client.context.clock.now(), style, calls.config.zone))


def _wrapped(call: WriteCall, body: dict[str, Any]) -> Any:
    inner: Any = [body] if call.array else body
    if not call.wrap:
        return inner
    outer: dict[str, Any] = {}
    set_path(outer, call.wrap, inner)
    return outer


def _send(calls: Calls, verb: str, path: str, body: Any, headers: Mapping[str, str]) -> Answer:
    try:
        return calls.client.request(verb, path, json=body, headers=headers)
    except ConnectorError as problem:
        version = calls.rule.version
        if problem.status == 409 and version and version.send.startswith("body:"):
            raise Stale(problem.message, status=409, provider_code=problem.provider_code) from problem
        raise calls.named(problem) from problem


def _condition(calls: Calls, base: ExternalRecord, body: dict[str, Any]) -> dict[str, str]:
    """Headers of a conditional write; a version that belongs into the body is put there."""
    version = calls.rule.version
    if version is None or base.version is None:
        return {}
    place, _, name = version.send.partition(":")
    if place == "header":
        return {name: base.version}
    set_path(body, name, get_path(base.fields, version.read, base.version))
    return {}


def _fresh(calls: Calls, external_id: str, body: Mapping[str, Any], current: ExternalRecord) -> ExternalRecord:
    """The record right before a write that replaces it whole. Raises `Stale` if a field that is to be
    written has moved since `current`."""
    fresh = calls.fetch(external_id)
    stamped = {path.split(".")[0] for path in calls.rule.stamp}
    for name in body:
        if name in current.fields and name not in stamped and fresh.fields.get(name) != current.fields[name]:
            raise Stale(f"{name!r} of the {calls.rule.key} {external_id} has changed at the API since it was read.")
    return fresh


def _merged(there: Any, here: Any) -> Any:
    """Objects keep the members that are not written: most APIs replace an object whole."""
    if isinstance(there, Mapping) and isinstance(here, Mapping):
        return {**there, **{name: _merged(there.get(name), value) for name, value in here.items()}}
    return here


def _holds(there: Any, sent: Any) -> bool:
    if isinstance(sent, Mapping):
        return isinstance(there, Mapping) and all(_holds(there.get(name), value) for name, value in sent.items())
    return bool(there == sent) or (there in (None, "") and sent in (None, ""))


def _new_id(calls: Calls, call: WriteCall, answer: Answer) -> str:
    if call.id_from.startswith("header:"):
        found = answer.headers.get(call.id_from.removeprefix("header:").lower(), "")
        return unquote(urlsplit(found).path.rstrip("/").rpartition("/")[2])
    value = get_path(answer.data, call.id_from) if call.id_from else get_path(calls.unwrap(answer), calls.rule.id)
    return "" if value is None or isinstance(value, (dict, list, bool)) else str(value)


def _readable(calls: Calls, answer: Answer) -> ExternalRecord:
    try:
        return calls.record(calls.unwrap(answer), answer)
    except Rejected as problem:
        raise UnknownOutcome(f"The write was answered, but unreadably: {problem.message}") from problem


def _confirmed(calls: Calls, external_id: str) -> ExternalRecord:
    """The record after a write. A read that fails leaves the write unconfirmed, not undone."""
    try:
        return calls.fetch(external_id)
    except Transient as problem:
        raise UnknownOutcome(f"The write was sent, but reading it back failed: {problem.message}") from problem


def _gone(calls: Calls, external_id: str) -> bool:
    try:
        return _confirmed(calls, external_id).deleted
    except NotFound:
        return True


def _filled(value: Any, external_id: str) -> Any:
    if isinstance(value, Mapping):
        return {name: _filled(each, external_id) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, external_id) for each in value]
    return fill(value, {"id": external_id}) if isinstance(value, str) else value
