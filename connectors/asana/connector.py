"""Asana: tasks of one project two-way, users read. See README.md for what it does not do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from connectors.base import stamps
from connectors.base.answers import ErrorRules
from connectors.base.auth import BearerToken, OAuth2, OAuth2Config
from connectors.base.capabilities import Feeds, Pulls
from connectors.base.check import Check
from connectors.base.context import Context
from connectors.base.errors import ConfigError, ConnectorError, Rejected, Stale, Transient, UnknownOutcome
from connectors.base.limits import Limit
from connectors.base.paginators import Cursor
from connectors.base.records import ExternalRecord, Feed
from connectors.base.registry import register
from connectors.base.resource import Resource

from .webhooks import AsanaWebhooks, task_of
from .writing import AsanaWriter

TASK_FIELDS = (
    "name,notes,completed,completed_at,due_on,due_at,start_on,start_at,assignee.name,assignee.email,"
    "memberships.project.name,memberships.section.name,tags.name,parent.gid,custom_fields,resource_subtype,"
    "created_at,modified_at,permalink_url,external"
)
OPT_FIELDS = {"task": TASK_FIELDS, "made_task": f"{TASK_FIELDS},created_by.gid", "member": "name,email"}
BATCH = 10
OAUTH = OAuth2Config(
    "https://app.asana.com/-/oauth_authorize",
    "https://app.asana.com/-/oauth_token",
    scopes=("default",),
    revoke_url="https://app.asana.com/-/oauth_revoke",
    account="data.gid",
)


def hidden_failure(status: int, data: Any, writes: bool) -> ConnectorError | None:
    """A 2xx whose body says that it failed: whether a write happened, only a look can tell."""
    if not isinstance(data, dict) or "data" in data or not data.get("errors"):
        return None
    message = str(data["errors"][0].get("message", "Asana answered with an error."))
    return (UnknownOutcome if writes else Transient)(message, status=status)


@register
class AsanaConnector(Pulls, Feeds, AsanaWriter, AsanaWebhooks):
    """Tasks and people; how they are written and heard of stands in `writing` and `webhooks`."""

    key = "asana"
    label = "Asana"
    description = "Tasks with sections, tags and custom fields, two-way; people, read."
    base_url = "https://app.asana.com/api/1.0"
    auth = (BearerToken(), OAuth2(OAUTH))
    check = Check("GET", "/users/me", account="data.gid", name="data.name")
    limits = (Limit(1500, per_seconds=60),)
    resources: Sequence[Resource] = (
        Resource("member", "/users", items="data", id="gid", writable=False, in_feed=False),
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
            page="permalink_url",
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
    # 412 of /events carries the fresh token as `sync`
    errors = ErrorRules(code=("sync", "errors[0].code"), failure=hidden_failure)
    item = "data"
    wrap = "data"
    update_method = "PUT"
    since_format = staticmethod(stamps.iso_ms)
    ids_params: ClassVar[Mapping[str, Any]] = {"opt_fields": "gid"}
    batch_size = BATCH

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._batches = True
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
            if not problem.provider_code:  # the answer broke off before the fresh token
                raise Transient("Asana's answer about events was cut short.", status=problem.status) from problem
            return Feed(problem.provider_code, expired=True)
        last = {gid: event.get("action") for event in data["data"] if (gid := task_of(event))}
        deleted = [gid for gid, action in last.items() if action == "deleted"]
        changed = [gid for gid in last if gid not in deleted]
        return Feed(data["sync"], changed, deleted, more=bool(data.get("has_more")))

    def choices(self, setting: str) -> list[tuple[str, str]] | None:
        project = self.context.settings.get("project")
        if setting == "section" and not project:
            return []
        path = f"/projects/{project}/sections" if setting == "section" else f"/{setting}s"
        params = {"archived": "false"} if setting == "project" else {}
        return [(each.id, str(each.fields.get("name", ""))) for each in self._all(setting, path, params)]
