"""One configured resource type at its API: addresses, records out of answers, and single calls."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from connectors.base import stamps
from connectors.base.answers import Answer
from connectors.base.client import RestClient
from connectors.base.errors import ConfigError, ConnectorError, NotFound, Rejected
from connectors.base.paths import first_of, get_path
from connectors.base.records import ExternalRecord
from connectors.base.templates import fill

from .config import Config, Params, ResourceConfig


class Calls:
    """Shared by listing, reading and writing. Holds nothing that changes."""

    def __init__(self, config: Config, rule: ResourceConfig, client: RestClient) -> None:
        self.config = config
        self.rule = rule
        self.client = client
        self.zone = ZoneInfo(config.zone)
        self.names: Mapping[str, Any] = {"settings": client.context.settings}

    def path(self, own: str = "") -> str:
        """The collection's path, or a call's own path in its place."""
        return fill(own or self.rule.path, self.names, quoted=True)

    def record_path(self, own: str, external_id: str) -> str:
        """A record's path stands below the collection's."""
        return fill(self.rule.path + own, {**self.names, "id": external_id}, quoted=True)

    def params(self, params: Params) -> dict[str, Any]:
        return {
            name: [fill(each, self.names) for each in value] if isinstance(value, tuple) else fill(value, self.names)
            for name, value in params.items()
        }

    def fetch(self, external_id: str) -> ExternalRecord:
        """Raises `NotFound` for every status that the configuration calls so."""
        get = self.rule.get
        if get is None:
            raise ConfigError(f"The configuration has no resources.{self.rule.key}.get, so no record can be read.")
        try:
            answer = self.client.get(self.record_path(get.path, external_id), params=self.params(get.params))
        except ConnectorError as problem:
            raise self.named(problem) from problem
        record = self.record(self.unwrap(answer), answer)
        if record.id != external_id:
            raise Rejected(f"The {self.rule.key} {external_id} was asked for, but {record.id} was answered.")
        return record

    def named(self, problem: ConnectorError, missing: Collection[int] | None = None) -> ConnectorError:
        """The problem as `NotFound` where its status means that here (Directus answers 403)."""
        statuses = self.rule.not_found if missing is None else missing
        if problem.status in statuses and not isinstance(problem, NotFound):
            return NotFound(problem.message, status=problem.status, provider_code=problem.provider_code)
        return problem

    def unwrap(self, answer: Answer) -> Any:
        """The raw object of an answer for one record; a list of one stands for its item."""
        raw = get_path(answer.data, self.rule.record)
        return raw[0] if isinstance(raw, list) and len(raw) == 1 else raw

    def record(self, raw: Any, answer: Answer | None = None) -> ExternalRecord:
        """Raises `Rejected` for what is no record: no object, no id, an unreadable stamp."""
        key, rule = self.rule.key, self.rule
        if not isinstance(raw, dict):
            raise Rejected(f"The API's answer holds no {key}" + (f" at {rule.record!r}." if rule.record else "."))
        found = get_path(raw, rule.id)
        if found is None or isinstance(found, (dict, list, bool)) or found == "":
            raise Rejected(f"The API sent a {key} without an id at {rule.id!r}.")
        try:
            stamp = stamps.parse(first_of(raw, rule.updated_at), self.zone)
        except ValueError as problem:
            raise Rejected(f"The {key} {found} has an unreadable change stamp: {problem}") from None
        record = ExternalRecord(str(found), raw, stamp, deleted=self._deleted(raw))
        version = self._version(raw, answer)
        return replace(record, version=version) if version else record

    def _deleted(self, raw: Mapping[str, Any]) -> bool:
        mark = self.rule.deleted
        if mark is None:
            return False
        value = get_path(raw, mark.path)
        return any(type(each) is type(value) and each == value for each in mark.values)

    def _version(self, raw: Mapping[str, Any], answer: Answer | None) -> str | None:
        rule = self.rule.version
        if rule is None:
            return None
        if rule.read.startswith("header:"):
            return answer.headers.get(rule.read.removeprefix("header:").lower()) if answer else None
        value = get_path(raw, rule.read)
        return None if value is None else str(value)
