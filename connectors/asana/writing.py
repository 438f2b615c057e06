"""Writing tasks: fields in the shape that Asana shows them in, turned into what its write calls take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from connectors.base import stamps
from connectors.base.capabilities import Pushes
from connectors.base.context import Context
from connectors.base.errors import ConfigError, NotFound, Rejected
from connectors.base.records import ExternalRecord
from connectors.base.resource import Resource
from connectors.base.rest import RestConnector

# What Asana's clock may be off beyond what its answers say, when a lost create is looked for.
SKEW = timedelta(seconds=120)
# Set by calls of their own, never by PUT.
OWN_CALLS = frozenset({"memberships", "projects", "tags", "parent"})
# Emptied by an empty text; Asana refuses null.
TEXTS = ("name", "notes")
_OPTIONS = {"enum_value": "enum", "multi_enum_values": "multi_enum"}


class AsanaWriter(Pushes, RestConnector):
    """PUT for plain fields, calls of their own for section, tags and parent. A lost create is found by
    `external.gid` under OAuth2, which alone may set it, else by what was sent."""

    replaces_lists = False  # memberships, tags and custom fields are written one by one

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._definitions: list[dict[str, Any]] | None = None
        self._marks = context.auth_type == "OAUTH2"

    def create(self, resource: Resource, fields: Mapping[str, Any], *, key: str) -> ExternalRecord:
        body = {"data": self._new(fields) | ({"external": {"gid": key}} if self._marks else {})}
        return self._written(resource, self.client.post("/tasks", body, params=self.record_params(resource)))

    def update(
        self, resource: Resource, external_id: str, fields: Mapping[str, Any], *, current: ExternalRecord
    ) -> ExternalRecord:
        """PUT first, as it refuses before anything moved; then the calls for section, tags and parent."""
        data = self._plain(fields)
        steps = self._steps(external_id, fields, current.fields)
        written: ExternalRecord | None = None
        if data or not steps:  # named in full: `super()` is the abstract method of Pushes
            written = RestConnector.update(self, resource, external_id, data, current=current)
        for path, body in steps:
            self.client.post(path, {"data": body})
        return self.fetch(resource, external_id) if steps or written is None else written

    def find_created(
        self, resource: Resource, fields: Mapping[str, Any], *, key: str, after: datetime
    ) -> list[ExternalRecord]:
        if self._marks:
            try:
                return [self.fetch(resource, f"external:{key}")]
            except NotFound:
                return []
        if not self.client.calls:
            self.test()  # tells Asana's clock
        since = self._since(after)
        sent = {name: fields.get(name) for name in ("name", "notes", "due_on") if name in fields}
        return [
            record
            for page in self.pages(resource, since=since)
            for record in page.records
            if (stamps.parse(record.fields["created_at"]) or since) >= since
            and all((record.fields.get(name) or None) == (value or None) for name, value in sent.items())
        ]

    def possibly_created(self, resource: Resource, *, after: datetime) -> list[ExternalRecord]:
        """What others made is told apart by `created_by`, which comes only when it is asked for."""
        me = self.test().id
        since = self._since(after)
        return [
            record
            for page in self.pages(replace(resource, key="made_task"), since=since)
            for record in page.records
            if (stamps.parse(record.fields["created_at"]) or since) >= since
            and gid_of(record.fields.get("created_by")) in (me, None)
        ]

    def _since(self, after: datetime) -> datetime:
        """In Asana's time, and a little earlier."""
        return after + self.client.skew - SKEW

    def _new(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        data = self._plain(fields)
        section = self._section(fields) or self.context.settings.get("section")
        home: dict[str, Any] = {"projects": [self._project]}
        if section:
            home = {"memberships": [{"project": self._project, "section": section}]}
        tags = {"tags": [self._tag(tag) for tag in fields["tags"]]} if fields.get("tags") else {}
        parent = gid_of(fields.get("parent"))
        return {**data, **home, **tags, **({"parent": parent} if parent else {})}

    def _plain(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        data = plain(fields)
        if fields.get("custom_fields"):
            data["custom_fields"] = custom_fields(fields["custom_fields"], self._fields())
        return data

    def _steps(
        self, gid: str, fields: Mapping[str, Any], current: Mapping[str, Any]
    ) -> list[tuple[str, dict[str, Any]]]:
        """(path, data) of the calls beside PUT that bring the task to `fields`."""
        steps: list[tuple[str, dict[str, Any]]] = []
        section = self._section(fields)
        held = {(m.get("section") or {}).get("gid") for m in current.get("memberships") or ()}
        if section and section not in held:
            steps.append((f"/sections/{section}/addTask", {"task": gid}))
        if "tags" in fields:
            wanted = {self._tag(tag) for tag in fields["tags"] or ()}
            has = {tag["gid"] for tag in current.get("tags") or ()}
            steps += [(f"/tasks/{gid}/addTag", {"tag": tag}) for tag in sorted(wanted - has)]
            steps += [(f"/tasks/{gid}/removeTag", {"tag": tag}) for tag in sorted(has - wanted)]
        parent = gid_of(fields.get("parent"))
        if "parent" in fields and parent != gid_of(current.get("parent")):
            steps.append((f"/tasks/{gid}/setParent", {"parent": parent}))
        return steps

    def _section(self, fields: Mapping[str, Any]) -> str | None:
        wanted = section_of(fields)
        if wanted is None:
            return None
        return str(wanted.get("gid") or self._named(f"/projects/{self._project}/sections", wanted["name"], "section"))

    def _tag(self, tag: Any) -> str:
        """The gid of a tag given as `{"gid"}`, `{"name"}` or a name."""
        if isinstance(tag, Mapping) and tag.get("gid"):
            return str(tag["gid"])
        workspace = self.context.settings.get("workspace")
        if not workspace:
            raise ConfigError("Tags are written by name only when the setting `workspace` is filled.")
        return self._named(f"/workspaces/{workspace}/tags", tag["name"] if isinstance(tag, Mapping) else tag, "tag")

    def _named(self, path: str, name: str, what: str) -> str:
        for record in self._all(what, path):
            if record.fields.get("name") == name:
                return record.id
        raise Rejected(f"Asana has no {what} named {name!r} here.")

    def _fields(self) -> list[dict[str, Any]]:
        if self._definitions is None:
            params = {"opt_fields": "custom_field.name,custom_field.resource_subtype,custom_field.enum_options.name"}
            found = self.client.get(f"/projects/{self._project}/custom_field_settings", params=params).data["data"]
            self._definitions = [item["custom_field"] for item in found]
        return self._definitions

    @property
    def _project(self) -> str:
        return str(self.context.settings.get("project") or "")

    def _all(self, what: str, path: str, params: Mapping[str, Any] | None = None) -> Iterator[ExternalRecord]:
        """Everything of a small listing, by gid and name."""
        resource = Resource(what, path, items="data", id="gid", params=dict(params or {}))
        return (record for page in self.pages(resource) for record in page.records)


def plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What PUT takes, without custom fields. `assignee` becomes a gid."""
    data = {name: value for name, value in fields.items() if name not in OWN_CALLS and name != "custom_fields"}
    data |= {name: "" for name in TEXTS if name in data and data[name] is None}
    if "assignee" in data:
        data["assignee"] = gid_of(data["assignee"])
    return data


def gid_of(value: Any) -> Any:
    """`{"gid": x}` or x as x."""
    return value.get("gid") if isinstance(value, Mapping) else value


def section_of(fields: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The section asked for in `memberships[0].section`, by gid or name."""
    memberships = fields.get("memberships") or ()
    section = (memberships[0] or {}).get("section") if memberships else None
    return section if section and (section.get("gid") or section.get("name")) else None


def custom_fields(values: Any, definitions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """`[{"name" | "gid", "<kind>_value": ...}]` as `{gid: value}`. Raises `Rejected`."""
    if isinstance(values, Mapping):
        return dict(values)
    written: dict[str, Any] = {}
    for value in values or ():
        definition = _one(definitions, value, "custom field")
        written[definition["gid"]] = _value(definition, value)
    return written


def _value(definition: Mapping[str, Any], value: Mapping[str, Any]) -> Any:
    name = next((key for key in value if key.endswith(("_value", "_values")) and key != "display_value"), None)
    raw = value.get(name) if name else value.get("display_value")
    options = definition.get("enum_options") or ()
    kind = _OPTIONS.get(name or "", definition.get("resource_subtype"))
    if kind == "enum":
        return _option(options, raw)
    if kind == "multi_enum":
        return [_option(options, item) for item in raw or ()]
    if kind == "number" and isinstance(raw, str):
        return float(raw)
    if kind == "people":
        return [gid_of(item) for item in raw or ()]
    return raw


def _option(options: Sequence[Mapping[str, Any]], raw: Any) -> str | None:
    wanted = raw if isinstance(raw, Mapping) else {"name": raw}
    if not wanted.get("gid") and not wanted.get("name"):
        return None
    return str(_one(options, wanted, "option")["gid"])


def _one(known: Sequence[Mapping[str, Any]], wanted: Mapping[str, Any], what: str) -> Mapping[str, Any]:
    key = "gid" if wanted.get("gid") else "name"
    for item in known:
        if item.get(key) == wanted.get(key):
            return item
    raise Rejected(f"Asana has no {what} with {key} {wanted.get(key)!r} in this project.")
