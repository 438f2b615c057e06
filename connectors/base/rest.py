"""A connector that is mostly data: reading, writing and testing a REST API by its `Resource` lines.

Hooks, from small to large: `record` (raw object -> ExternalRecord), `unwrap` (answer -> raw object),
`list_params` (parameters of a listing), `body` (fields -> request body), then whole methods.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from . import stamps
from .answers import Answer, ErrorRules
from .auth import choose
from .capabilities import Pulls, Pushes
from .client import Arrays, RestClient
from .connector import Connector
from .errors import ConfigError, ConnectorError, NotFound, Rejected, UnknownOutcome
from .paginators import PageNumber, Paginator, Seen
from .paths import Getter, compile_get, get_path
from .records import Account, ExternalRecord, Page
from .resource import Resource
from .templates import fill

_MISSING: Any = object()
_DEFAULTS: dict[type, tuple[str, ...]] = {Pulls: ("pages", "fetch"), Pushes: ("create", "update", "delete")}


class RestConnector(Connector):
    """paginator      how listings go on
    errors         where this provider's errors differ from the rule
    headers        fixed headers of every call (API versions)
    arrays         spelling of lists in a query
    since_format   spelling of the changed-since parameter
    item           dotted path from a single-record answer to the record, "" = the whole
    update_method  PATCH, or PUT where the provider merges
    wrap           key around the record in a written body, "" = none
    ids_params     listing parameters that ask for ids alone
    """

    paginator: ClassVar[Paginator] = PageNumber()
    errors: ClassVar[ErrorRules] = ErrorRules()
    headers: ClassVar[Mapping[str, str]] = {}
    arrays: ClassVar[Arrays] = "repeat"
    since_format: Callable[[datetime], str] = staticmethod(stamps.iso_seconds)
    item: ClassVar[str] = ""
    update_method: ClassVar[str] = "PATCH"
    wrap: ClassVar[str] = ""
    ids_params: ClassVar[Mapping[str, Any]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        """The defaults stand in for a capability's abstract methods, whatever the order of the bases."""
        super().__init_subclass__(**options)
        for capability, names in _DEFAULTS.items():
            for name in names if issubclass(cls, capability) else ():
                if getattr(getattr(cls, name), "__isabstractmethod__", False):
                    setattr(cls, name, getattr(RestConnector, name))

    @cached_property
    def client(self) -> RestClient:
        auth = choose(self.auth, self.context)
        if auth.serves != "OAUTH2":  # its tokens come from elsewhere
            auth.check(self.context.credentials)
        return RestClient(
            self.context,
            base_url=self.context.base_url or self.base_url,
            auth=auth,
            rules=self.errors,
            headers=self.headers,
            arrays=self.arrays,
        )

    def test(self) -> Account:
        if self.check is None:
            raise ConfigError(f"{self.label} has no connection test.")
        try:
            return self.check.read(self.client.request(self.check.method, self.check.path, writes=False).data)
        except NotFound as problem:
            raise ConfigError(f"{problem.message} Check the base URL.", status=problem.status) from problem

    # Pulls

    def pages(
        self, resource: Resource, *, since: datetime | None = None, continuation: Any = None, ids_only: bool = False
    ) -> Iterator[Page]:
        paginator = self.paging(resource)
        params = self.list_params(resource, since) | dict(self.ids_params if ids_only else {})
        state: Any = continuation or paginator.begin()
        while state is not None:
            page, state = self._page(resource, paginator, params, state)
            yield page
            del page  # the engine may drop it while the next one is read

    def fetch(self, resource: Resource, external_id: str) -> ExternalRecord:
        answer = self.client.get(self.record_path(resource, external_id), params=self.record_params(resource))
        return self._one(resource, answer)

    # Pushes

    def create(self, resource: Resource, fields: Mapping[str, Any], *, key: str) -> ExternalRecord:
        answer = self.client.post(self.path(resource), self.body(resource, fields), params=self.record_params(resource))
        return self._written(resource, answer)

    def update(
        self, resource: Resource, external_id: str, fields: Mapping[str, Any], *, current: ExternalRecord
    ) -> ExternalRecord:
        answer = self.client.request(
            self.update_method,
            self.record_path(resource, external_id),
            params=self.record_params(resource),
            json=self.body(resource, fields),
        )
        return self._written(resource, answer, external_id)

    def delete(self, resource: Resource, external_id: str, *, current: ExternalRecord | None = None) -> None:
        try:
            self.client.request("DELETE", self.record_path(resource, external_id))
        except NotFound:
            return  # gone already

    # Hooks

    def paging(self, resource: Resource) -> Paginator:
        return self.paginator

    def list_params(self, resource: Resource, since: datetime | None) -> dict[str, Any]:
        """Query parameters of a listing, without those of the page."""
        changed = {resource.updated_since: self.since_format(since)} if since and resource.updated_since else {}
        return {**self._filled(resource.params), **changed}

    def record_params(self, resource: Resource) -> dict[str, Any]:
        """Query parameters of calls for one record."""
        return {}

    def unwrap(self, answer: Answer) -> Any:
        """The raw object inside the answer to a call for one record."""
        return get_path(answer.data, self.item)

    def body(self, resource: Resource, fields: Mapping[str, Any]) -> Any:
        """What is sent to write `fields`."""
        return {self.wrap: dict(fields)} if self.wrap else dict(fields)

    def record(self, resource: Resource, raw: Mapping[str, Any]) -> ExternalRecord:
        """Raises `Rejected` for an object without an id or with a stamp that is none."""
        get_id, get_stamp = self._readers(resource)
        found = get_id(raw)
        if found is None or found == "":
            raise Rejected(f"The provider sent a {resource.key} without {resource.id!r}.")
        try:
            return ExternalRecord(str(found), raw, stamps.parse(get_stamp(raw)))
        except ValueError as problem:
            raise Rejected(f"The {resource.key} {found} has an unreadable change stamp: {problem}") from None

    def path(self, resource: Resource) -> str:
        return fill(resource.path, self._names, quoted=True)

    def record_path(self, resource: Resource, external_id: str) -> str:
        return f"{self.path(resource)}/{fill('{id}', {'id': external_id}, quoted=True)}"

    # Inside

    @cached_property
    def _names(self) -> Mapping[str, Any]:
        return {"settings": self.context.settings}

    @cached_property
    def _compiled(self) -> dict[tuple[Any, ...], tuple[Getter, Getter]]:
        return {}

    def _readers(self, resource: Resource) -> tuple[Getter, Getter]:
        known = self._compiled.get(key := (resource.id, resource.updated_at))
        if known is None:
            known = self._compiled[key] = (compile_get(resource.id), _stamp_getter(resource.updated_at))
        return known

    def _filled(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return {name: fill(each, self._names) if isinstance(each, str) else each for name, each in params.items()}

    def _page(
        self, resource: Resource, paginator: Paginator, params: Mapping[str, Any], state: Any
    ) -> tuple[Page, Any]:
        ask = paginator.ask(state, resource.page_size)
        answer = self._list(resource, ask.url, {} if ask.url else {**params, **ask.params}, ask.body)
        rows = self.rows(resource, answer)
        records = [self.record(resource, raw) for raw in rows]
        seen = Seen(
            answer.data, answer.headers, rows, [r.id for r in records], lambda url: self.client.join(url, answer.url)
        )
        following = paginator.advance(state, seen)
        return Page(records, following, answer.date or self.context.clock.now()), following

    def _list(self, resource: Resource, url: str, params: Mapping[str, Any], body: Mapping[str, Any]) -> Answer:
        if body:
            return self.client.post(self.path(resource), dict(body), params=params, writes=False)
        return self.client.get(url or self.path(resource), params=params)

    def rows(self, resource: Resource, answer: Answer) -> Sequence[Mapping[str, Any]]:
        """The list inside an answer. Null is an empty list; a missing list is an error, never an empty page:
        an empty page would end the reading, and absent records look deleted."""
        rows = get_path(answer.data, resource.items, _MISSING)
        if rows is None and resource.items:
            return ()
        if not isinstance(rows, list) or not all(isinstance(each, dict) for each in rows):
            where = f"at {resource.items!r}" if resource.items else "in the answer"
            raise ConfigError(f"There is no list of records {where} for {resource.key}; check the resource's settings.")
        return rows

    def _one(self, resource: Resource, answer: Answer) -> ExternalRecord:
        raw = self.unwrap(answer)
        if not isinstance(raw, dict):
            raise ConfigError(f"The provider's answer holds no {resource.key} at {self.item!r}.")
        return self.record(resource, raw)

    def _written(self, resource: Resource, answer: Answer, external_id: str = "") -> ExternalRecord:
        """The record after a write; read again where the answer does not hold it."""
        try:
            return self._one(resource, answer)
        except ConnectorError as problem:
            if external_id:
                return self.fetch(resource, external_id)
            raise UnknownOutcome(f"The write was answered without the record: {problem.message}") from problem


def _stamp_getter(paths: str | tuple[str, ...] | None) -> Getter:
    if not paths:
        return lambda raw: None
    if isinstance(paths, str):
        return compile_get(paths)
    getters = [compile_get(path) for path in paths]
    return lambda raw: next((value for get in getters if (value := get(raw)) not in (None, "")), None)
