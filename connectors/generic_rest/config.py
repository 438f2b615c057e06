"""The configuration as dataclasses: what `reader.read` makes of a document that follows the grammar.

Paths are those of `connectors.base.paths`; templates those of `templates`. Sections follow the README.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from connectors.base.client import Arrays as Arrays
from connectors.base.webhooks import DefaultWebhooks

from .schemes import Scheme

Params = Mapping[str, str | tuple[str, ...]]
AuthKind = Literal["none", "bearer", "header", "query", "basic", "oauth2_code", "oauth2_client", "login"]
PageKind = Literal["none", "page", "offset", "cursor", "link", "next_url", "keyset"]
DeleteKind = Literal["hard", "soft", "archive", "none"]
Returns = Literal["record", "id", "location", "nothing"]
StampFormat = Literal["iso_ms_z", "iso_z", "iso_offset", "epoch_s", "epoch_ms", "rfc1123", "sql", "date"]

AUTH_KINDS: tuple[str, ...] = ("none", "bearer", "header", "query", "basic", "oauth2_code", "oauth2_client", "login")
PAGE_KINDS: tuple[str, ...] = ("none", "page", "offset", "cursor", "link", "next_url", "keyset")
FORMATS: tuple[str, ...] = ("iso_ms_z", "iso_z", "iso_offset", "epoch_s", "epoch_ms", "rfc1123", "sql", "date")
ARRAYS: tuple[str, ...] = ("repeat", "brackets", "indices", "comma")
RETRY = (408, 425, 429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Auth:
    """`options` are the texts of the kind (`name`, `value`, `user`, `token_url` ...); see the README."""

    kind: AuthKind = "none"
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckCall:
    """The call that proves the credentials. `require` and `account` are paths in its answer."""

    path: str = ""
    ok: tuple[int, ...] = (200,)
    require: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """`reset` is (header, unit); headers are read in the order given."""

    per_second: float = 5.0
    concurrency: int = 2
    retry_after: tuple[str, ...] = ("Retry-After",)
    reset: tuple[str, str] | None = None
    remaining: str = ""


@dataclass(frozen=True, slots=True)
class Errors:
    """Where an answer tells what went wrong. `ok_false`: a 200 whose value there is false is an error."""

    message: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    retry: tuple[int, ...] = RETRY
    ok_false: str = ""


@dataclass(frozen=True, slots=True)
class PageRule:
    """How a listing goes on. Which fields matter depends on `kind` (README, "Pages")."""

    kind: PageKind = "none"
    param: str = ""
    first: int = 1
    size_param: str = ""
    size: int = 100
    next: str = ""
    pages: str = ""
    total: str = ""
    more: str = ""
    rel: str = "next"
    where: Literal["query", "body"] = "query"
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SinceRule:
    """How the listing is asked for changes only. `client` = it cannot: everything is read and compared."""

    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    format: StampFormat = "iso_ms_z"
    overlap: int = 2
    lag: int = 5
    inclusive: bool = True
    client: bool = False


@dataclass(frozen=True, slots=True)
class ListCall:
    """`deleted_params`: those of a second listing that yields only what was deleted."""

    verb: str = "GET"
    path: str = ""
    params: Params = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    records: str = ""
    ok: tuple[int, ...] = ()
    page: PageRule = field(default_factory=PageRule)
    since: SinceRule | None = None
    deleted_params: Params | None = None


@dataclass(frozen=True, slots=True)
class GetCall:
    path: str = "/{id}"
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WriteCall:
    """A create or an update. `array`: the body is a list of one. `partial` False: the verb replaces all."""

    verb: str
    path: str = ""
    wrap: str = ""
    ok: tuple[int, ...] = ()
    array: bool = False
    returns: Returns = "record"
    id_from: str = ""
    client_id: str = ""
    natural_key: tuple[str, ...] = ()
    partial: bool = True


@dataclass(frozen=True, slots=True)
class DeleteCall:
    """How a record goes. `kind` says what that means at the API; `body` marks it where the verb is not DELETE."""

    verb: str = "DELETE"
    path: str = "/{id}"
    body: Mapping[str, Any] | None = None
    ok: tuple[int, ...] = ()
    kind: DeleteKind = "hard"


@dataclass(frozen=True, slots=True)
class DeletedMark:
    """A record whose value at `path` is one of `values` has been deleted softly."""

    path: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class VersionRule:
    """`read` is a path or `header:ETag`; `send` is `header:If-Match` or `body:path`."""

    read: str
    send: str


@dataclass(frozen=True, slots=True)
class ListIds:
    """Reads up to `max` records at once by their ids: `?param=1,2,3` in the style of `query.arrays`."""

    param: str
    max: int


@dataclass(frozen=True, slots=True)
class ResourceConfig:
    """One resource type. A call that is None is not offered by the API."""

    key: str
    path: str
    id: str = "id"
    updated_at: tuple[str, ...] = ()
    created_at: tuple[str, ...] = ()
    record: str = ""
    not_found: tuple[int, ...] = (404, 410)
    deleted: DeletedMark | None = None
    version: VersionRule | None = None
    stamp: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    list: ListCall = field(default_factory=ListCall)
    get: GetCall | None = None
    create: WriteCall | None = None
    update: WriteCall | None = None
    delete: DeleteCall | None = None
    list_ids: ListIds | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    """How deliveries are signed and what they mean.

    scheme      the kit's verifier; None = nothing is received
    signed      the scheme covers the body, so what the body says may be believed
    id          where the delivery's own id stands: a path or `header:Name`
    event       sources of the event's name, the first that says something wins
    resources   event name, or its part before the dot -> resource type
    record      path of the whole record, None = events are hints and the record is read again
    deleted     (source, values) that say the record is gone; source "" = the event's name
    challenge   ("echo_json" | "echo_query", name)
    batch       path of a list of events in one delivery
    """

    scheme: Scheme | None
    signed: bool = True
    id: str = ""
    event: tuple[str, ...] = ("header:X-Webhook-Event", "event", "type")
    resources: Mapping[str, str] = field(default_factory=dict)
    record_id: str = "data.id"
    record: str | None = None
    deleted: tuple[str, tuple[Any, ...]] | None = None
    challenge: tuple[str, str] | None = None
    batch: str | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """A whole configuration. `base_url` may be empty: the integration's own wins anyway. `auth` None: whatever
    kind the integration's credentials are of."""

    base_url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    auth: Auth | None = None
    arrays: Arrays = "repeat"
    check: CheckCall = field(default_factory=CheckCall)
    rate: Rate = field(default_factory=Rate)
    errors: Errors = field(default_factory=Errors)
    resources: Mapping[str, ResourceConfig] = field(default_factory=dict)
    webhook: Webhook = field(default_factory=lambda: Webhook(DefaultWebhooks()))
    dates_out: StampFormat | None = None
    zone: str = "UTC"
