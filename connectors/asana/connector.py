"""Asana: tasks of one project two-way, users read. See README.md for what it does not do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors.base import stamps
from connectors.base.answers import ErrorRules
from connectors.base.auth import BearerToken, OAuth2, OAuth2Config
from connectors.base.capabilities import Feeds, Pulls, Pushes
from connectors.base.check import Check
from connectors.base.context import Context
from connectors.base.errors import ConfigError, NotFound, Rejected, Stale
from connectors.base.limits import Limit
from connectors.base.paginators import Cursor
from connectors.base.records import ExternalRecord, Feed
from connectors.base.registry import register
from connectors.base.resource import Resource
from connectors.base.rest import RestConnector

from . import writing
from .webhooks import AsanaWebhooks, task_of

TASK_FIELDS = (
    "name,notes,completed,completed_at,due_on,due_at,start_on,start_at,assignee.name,assignee.email,"
    "memberships.project.name,memberships.section.name,tags.name,parent.gid,custom_fields,resource_subtype,"
    "created_at,modified_at,permalink_url,external"
)
OPT_FIELDS = {"task": TASK_FIELDS, "member": "name,email"}
BATCH = 10
# What Asana's clock may be off beyond what its answers say, when a lost create is looked for.
SKEW = timedelta(seconds=120)
OAUTH = OAuth2Config(
    "https://app.asana.com/-/oauth_authorize",
    "https://app.asana.com/-/oauth_token",
    scopes=("default",),
    revoke_url="https://app.asana.com/-/oauth_revoke",
    account="data.gid",
)


@register
class AsanaConnector(Pulls, Pushes, Feeds, AsanaWebhooks):
    """A lost create is found by `external.gid` under OAuth2, which alone may set it, else by what was sent."""

    key = "asana"
    label = "Asana"
    description = "Tasks with sections, tags and custom fields, two-way; people, read."
    base_url = "https://app.asana.com/api/1.0"
    auth = (BearerToken(), OAuth2(OAUTH))
    check = Check("GET", "/users/me", account="data.gid", name="data.name")
    limits = (Limit(1500, per_seconds=60),)
    resources: Sequence[Resource] = (
        Resource("member", "/users", items="data", id="gid", writable=False),
        Resource(
            "task",
            "/tasks",
            items="data",
            id="gid",
            updated_at="modified_at",
            updated_since="modified_since",
            params={"project": "{settings.project}"},
            depends_on=("member",),
            way_back="natural_key",
            delete_kind="soft",
        ),
    )
    settings_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "required": ["project"],
        "properties": {
            "project": {"type": "string", "title": "Project"},
            "section": {"type": "string", "title": "Section for new tasks"},
            "workspace": {"type": "string", "title": "Workspace"},
        },
    }
    paginator = Cursor("next_page.offset", param="offset", size_param="limit")
    errors = ErrorRules(code=("sync", "errors[0].code"))  # 412 of /events carries the fresh token as `sync`
    item = "data"
    wrap = "data"
    update_method = "PUT"
    since_format = staticmethod(stamps.iso_ms)
    ids_params: ClassVar[Mapping[str, Any]] = {"opt_fields": "gid"}
    batch_size = BATCH

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._batches = True
        self._definitions: list[dict[str, Any]] | None = None
        self._marks = context.auth_type == "OAUTH2"
        if self._marks:
            self.resources = tuple(replace(r, way_back="marker") if r.writable else r for r in type(self).resources)

    # Reading

    def list_params(self, resource: Resource, since: datetime | None) -> dict[str, Any]:
        workspace = self.context.settings.get("workspace")
        scope = {"workspace": workspace} if workspace and resource.key == "member" else {}
        return {**super().list_params(resource, since), **scope, **self.record_params(resource)}

    def record_params(self, resource: Resource) -> dict[str, Any]:
        return {"opt_fields": OPT_FIELDS.get(resource.key, "name")}

    def fetch_many(self, resource: Resource, external_ids: Sequence[str]) -> dict[str, ExternalRecord | None]:
        """Ten at a time; one by one for good where the account has no batch endpoint."""
        found: dict[str, ExternalRecord | None] = {}
        for start in range(0, len(external_ids), BATCH):
            ids = external_ids[start : start + BATCH]
            found |= self._batch(resource, ids) if self._batches else super().fetch_many(resource, ids)
        return found

    def _batch(self, resource: Resource, ids: Sequence[str]) -> dict[str, ExternalRecord | None]:
        options = {"fields": OPT_FIELDS[resource.key].split(",")}
        actions = [
            {"method": "get", "relative_path": self.record_path(resource, gid), "options": options} for gid in ids
        ]
        if len(ids) > 1:
            self.context.budget.take(len(ids) - 1)  # each action counts against the limit
        try:
            answer = self.client.post("/batch", {"data": {"actions": actions}}, writes=False)
        except (Rejected, ConfigError):  # no such endpoint here, or not for this account
            self._batches = False
            return super().fetch_many(resource, ids)
        found: dict[str, ExternalRecord | None] = {}
        for gid, part in zip(ids, answer.data["data"], strict=True):
            raw = (part.get("body") or {}).get("data")
            if part["status_code"] == 404:
                found[gid] = None
            elif part["status_code"] == 200 and isinstance(raw, dict) and raw.get("gid") == gid:
                found[gid] = self.record(resource, raw)
            else:
                found |= super().fetch_many(resource, [gid])
        return found

    def feed(self, resource: Resource, token: str | None) -> Feed:
        """No token, or one that Asana has forgotten, is answered as expired with a fresh one."""
        params = {"resource": self._project} | ({"sync": token} if token else {})
        try:
            data = self.client.get("/events", params=params).data
        except Stale as problem:
            return Feed(problem.provider_code, expired=True)
        last = {gid: event.get("action") for event in data["data"] if (gid := task_of(event))}
        deleted = [gid for gid, action in last.items() if action == "deleted"]
        changed = [gid for gid in last if gid not in deleted]
        return Feed(data["sync"], changed, deleted, more=bool(data.get("has_more")))

    def choices(self, setting: str) -> list[tuple[str, str]]:
        """(value, label) of what a setting may hold: `project` or `workspace`."""
        params = {"archived": "false"} if setting == "project" else {}
        return [(each.id, str(each.fields.get("name", ""))) for each in self._all(setting, f"/{setting}s", params)]

    def _all(self, what: str, path: str, params: Mapping[str, Any] | None = None) -> Iterator[ExternalRecord]:
        """Everything of a small listing, by gid and name."""
        resource = Resource(what, path, items="data", id="gid", params=dict(params or {}))
        return (record for page in self.pages(resource) for record in page.records)

    # Writing

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
        since = after + self.client.skew - SKEW
        sent = {name: fields.get(name) for name in ("name", "notes", "due_on") if name in fields}
        return [
            record
            for page in self.pages(resource, since=since)
            for record in page.records
            if (stamps.parse(record.fields["created_at"]) or since) >= since
            and all((record.fields.get(name) or None) == (value or None) for name, value in sent.items())
        ]

    def _new(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        data = self._plain(fields)
        section = self._section(fields) or self.context.settings.get("section")
        home: dict[str, Any] = {"projects": [self._project]}
        if section:
            home = {"memberships": [{"project": self._project, "section": section}]}
        tags = {"tags": [self._tag(tag) for tag in fields["tags"]]} if fields.get("tags") else {}
        parent = writing.gid_of(fields.get("parent"))
        return {**data, **home, **tags, **({"parent": parent} if parent else {})}

    def _plain(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        data = writing.plain(fields)
        if fields.get("custom_fields"):
            data["custom_fields"] = writing.custom_fields(fields["custom_fields"], self._fields())
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
        parent = writing.gid_of(fields.get("parent"))
        if "parent" in fields and parent != writing.gid_of(current.get("parent")):
            steps.append((f"/tasks/{gid}/setParent", {"parent": parent}))
        return steps

    def _section(self, fields: Mapping[str, Any]) -> str | None:
        wanted = writing.section_of(fields)
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
