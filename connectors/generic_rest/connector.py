"""Generic REST: one connector for most JSON APIs, driven by `settings["config"]` (grammar in the README)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, ClassVar

import orjson

from connectors.base.auth import (
    ApiKeyHeader,
    ApiKeyQuery,
    Auth,
    Basic,
    BearerToken,
    NoAuth,
    OAuth2,
    OAuth2Config,
    choose,
)
from connectors.base.capabilities import Listens, Pulls, Pushes
from connectors.base.client import RestClient
from connectors.base.connector import Connector
from connectors.base.errors import AuthError, ConfigError, ConnectorError
from connectors.base.http import HttpRequest, HttpResponse
from connectors.base.limits import Limit
from connectors.base.paths import get_path
from connectors.base.records import Account, Event, ExternalRecord, Page
from connectors.base.registry import register
from connectors.base.resource import Resource
from connectors.base.templates import fill
from connectors.base.transport import shared
from connectors.base.webhooks import BadSignature

from . import auth as kinds
from . import hooks, listing, rules, writing
from .calls import Calls
from .config import Config
from .narrow import Narrow
from .presets import names, preset
from .reader import read


class Configured:
    """`resources`: those of an integration's own configuration; of the class, those of the `plain` preset."""

    def __get__(self, connector: GenericRestConnector | None, owner: type) -> Sequence[Resource]:
        if connector is None:
            return _resources(read(preset("plain")))
        return connector.__dict__.setdefault("_resources", _resources(connector.config))


@register
class GenericRestConnector(Pulls, Pushes, Listens, Connector):
    """`settings["config"]` is a configuration document, or `settings["preset"]` names one that is shipped."""

    key = "generic_rest"
    label = "Generic REST API"
    description = "Any JSON REST API, described by a configuration: paths, paging, stamps, verbs, webhooks."
    auth: ClassVar[tuple[Auth, ...]] = (BearerToken(), ApiKeyHeader(), ApiKeyQuery(), Basic(), NoAuth())
    limits = (Limit(5),)
    resources = Configured()
    settings_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {
            "config": {"type": "object", "title": "Configuration", "description": "How to talk to the API (README)."},
            "preset": {"type": "string", "title": "Preset", "enum": names(), "description": "Instead of config."},
        },
    }

    @cached_property
    def config(self) -> Config:
        """Raises `ConfigError` with one line for each fault."""
        return _read(orjson.dumps(document(self.context.settings)))

    @cached_property
    def client(self) -> RestClient:
        proof = self._auth()
        if proof.serves != "OAUTH2":  # its tokens come from elsewhere
            proof.check(self.context.credentials)
        base_url = self.context.base_url or self.config.base_url
        if not base_url:
            raise ConfigError("Enter the base URL of the API, such as https://api.example.com/v1.")
        inner = self.context.transport or shared(self.context.allow_private)
        return RestClient(
            replace(self.context, transport=Narrow(inner, self.config.rate.concurrency)),
            base_url=base_url,
            auth=proof,
            rules=rules.errors(self.config),
            arrays=self.config.arrays,
        )

    @classmethod
    def limits_for(cls, settings: Mapping[str, Any]) -> tuple[Limit, ...]:
        """The limits of one integration: its configuration's `rate`."""
        return rules.limits(read(document(settings)).rate)

    @classmethod
    def oauth(cls, settings: Mapping[str, Any]) -> OAuth2Config | None:
        """As its configuration says. Raises `ConfigError`."""
        rule = read(document(settings)).auth
        kind = kinds.build(rule, {}) if rule is not None else None
        return kind.config if isinstance(kind, OAuth2) else None

    def test(self) -> Account:
        """Raises `AuthError` for 401 and 403."""
        check, base_url = self.config.check, self.client.base_url
        try:
            answer = self.client.get(fill(check.path or self._first_path(), {"settings": self.context.settings}))
        except ConnectorError as problem:
            if problem.status == 403:
                raise AuthError(problem.message, status=403, provider_code=problem.provider_code) from problem
            raise
        if check.path and answer.status not in check.ok:
            raise ConfigError(f"The check was answered with {answer.status}, which check.ok does not hold.")
        if check.require and get_path(answer.data, check.require) is None:
            raise ConfigError(f"The API answered, but without {check.require!r}; check the base URL and the account.")
        account = get_path(answer.data, check.account) if check.account else None
        return Account(id=base_url if account is None else str(account), name=base_url)

    # Pulls

    def pages(
        self, resource: Resource, *, since: datetime | None = None, continuation: Any = None, ids_only: bool = False
    ) -> Iterator[Page]:
        return listing.Listing(self.calls(resource.key), since, size=resource.page_size).pages(continuation)

    def fetch(self, resource: Resource, external_id: str) -> ExternalRecord:
        return self.calls(resource.key).fetch(external_id)

    def fetch_many(self, resource: Resource, external_ids: Sequence[str]) -> dict[str, ExternalRecord | None]:
        calls = self.calls(resource.key)
        if calls.rule.list_ids is None:
            return super().fetch_many(resource, external_ids)
        return listing.fetch_many(calls, external_ids)

    @property
    def batch_size(self) -> int:  # type: ignore[override]
        """The smallest that every resource type takes."""
        return min((rule.list_ids.max if rule.list_ids else 1 for rule in self.config.resources.values()), default=1)

    # Pushes

    def create(self, resource: Resource, fields: Mapping[str, Any], *, key: str) -> ExternalRecord:
        return writing.create(self.calls(resource.key), fields, key)

    def update(
        self, resource: Resource, external_id: str, fields: Mapping[str, Any], *, current: ExternalRecord
    ) -> ExternalRecord:
        return writing.update(self.calls(resource.key), external_id, fields, current)

    def delete(self, resource: Resource, external_id: str, *, current: ExternalRecord | None = None) -> None:
        writing.delete(self.calls(resource.key), external_id, current)

    def find_created(
        self, resource: Resource, fields: Mapping[str, Any], *, key: str, after: datetime
    ) -> list[ExternalRecord]:
        return writing.find_created(self.calls(resource.key), fields, key, after)

    def possibly_created(self, resource: Resource, *, after: datetime) -> list[ExternalRecord]:
        return writing.possibly_created(self.calls(resource.key), after)

    # Listens

    def verify(self, request: HttpRequest, secrets: Sequence[str], *, now: datetime) -> None:
        scheme = self.config.webhook.scheme
        if scheme is None:
            raise BadSignature("This integration receives no webhooks: its configuration says webhook.kind none.")
        scheme.verify(request, secrets, now=now)

    def events(self, request: HttpRequest) -> list[Event]:
        return hooks.events(self.config, request, lambda key, raw: self.calls(key).record(raw))

    def challenge(self, request: HttpRequest) -> HttpResponse | None:
        """The whole answer to a registration challenge that must be echoed, None where this is none."""
        return hooks.challenge(self.config.webhook, request)

    def delivery_id(self, request: HttpRequest) -> str:
        """The sender's own id of a delivery, "" where it has none."""
        return hooks.delivery_id(self.config.webhook, request)

    # Inside

    def calls(self, key: str) -> Calls:
        """Raises `ConfigError` for a type that is not configured."""
        self.resource(key)
        return self._calls.setdefault(key, Calls(self.config, self.config.resources[key], self.client))

    @cached_property
    def _calls(self) -> dict[str, Calls]:
        return {}

    def _auth(self) -> Auth:
        rule = self.config.auth
        if rule is not None:
            return kinds.build(rule, self.config.headers)
        chosen = choose(self.auth, self.context)
        return kinds.WithHeaders(chosen, self.config.headers) if self.config.headers else chosen

    def _first_path(self) -> str:
        first = next(iter(self.config.resources.values()))
        return first.list.path or first.path


def _resources(config: Config) -> tuple[Resource, ...]:
    return tuple(rules.resource(rule) for rule in config.resources.values())


@lru_cache(maxsize=256)
def _read(text: bytes) -> Config:
    """Each webhook asks for the configuration: the same text is read once per process; a `Config` never changes."""
    return read(orjson.loads(text))


def document(settings: Mapping[str, Any]) -> Any:
    """The configuration document of an integration. Raises `ConfigError` where there is none."""
    if settings.get("config"):
        return settings["config"]
    if settings.get("preset"):
        try:
            return preset(str(settings["preset"]))
        except KeyError as problem:
            raise ConfigError(str(problem.args[0])) from None
    raise ConfigError("This integration has no configuration. Start from a preset or from the README's examples.")
