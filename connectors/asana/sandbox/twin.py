"""The twin of Asana's REST API, from the sheet of the provider and checked against its OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

import orjson

from connectors.base.http import HttpRequest, HttpResponse
from connectors.base.sandbox.store import Entry
from connectors.base.sandbox.twin import Call, Problem, Twin, json_response, route

from . import demo
from .feed import EventFeed
from .listing import Listings
from .shapes import COMPACT, RESOURCE_TYPES, Shapes, moment, select, stamp, tree
from .tasks import EMPTY, OWN_CALLS, TaskRules

WORKSPACE = "1200000000000001"
PROJECT = "1208800000000001"
API_USER = "1201110000000001"
PERSON = "1201110000000002"
_FIRST_GID = {
    "workspaces": 1200000000000000,
    "users": 1201110000000000,
    "custom_fields": 1206600000000000,
    "tags": 1207700000000000,
    "projects": 1208800000000000,
    "sections": 1208810000000000,
    "tasks": 1209900000000000,
    "stories": 1210000000000000,
    "webhooks": 1211000000000000,
    "options": 1206610000000000,
}
HELP = "For more information on API status codes and how to handle them, read the docs on errors"


class AsanaTwin(Twin):
    """Tasks, projects, sections, users, tags, events, webhooks, batch. One workspace.

    More `settings`: `sync_ttl` (seconds a sync token lives), `offset_ttl` (seconds an offset lives).
    """

    slug = "asana"
    base_path = "/api/1.0"
    resources = ("tasks", "projects", "sections", "users", "tags", "custom_fields", "workspaces", "stories", "webhooks")

    def setup(self) -> None:
        self._gids: dict[str, int] = {}
        self.shapes = Shapes(self.store)
        self.rules = TaskRules(self.store, self.shapes, self.clock.now)
        self.feed = EventFeed(self.store, self.shapes, self.webhooks, self.clock, self.ids)
        self.feed.ttl = timedelta(seconds=self.settings.get("sync_ttl", 86_400))
        self.listings = Listings(self.store, self.clock, self.ids, self.faults, self.settings.get("offset_ttl", 3600))
        self.store.listeners[:] = [self.feed.heard, self.listings.heard]
        self.hand_create("workspaces", {"name": "Harbour Fitters", "is_organization": True})
        self.hand_create("users", {"name": "Lockstep", "email": "lockstep@example.com"})
        self.hand_create("users", {"name": "Dana Okafor", "email": "dana@example.com"})
        self.hand_create("projects", {"name": "Harbour Rd job"})

    def tokens(self) -> Mapping[str, str]:
        tokens: Mapping[str, str] = self.settings.get("tokens") or {self.default_token: API_USER}
        return tokens

    def new_id(self, resource: str) -> str:
        self._gids[resource] = self._gids.get(resource, 0) + 1
        return str(_FIRST_GID[resource] + self._gids[resource])

    def problem(self, problem: Problem) -> HttpResponse:
        extra = dict(problem.extra)
        retry_after = extra.pop("retry_after", None)
        errors = [{"message": problem.message} | ({"help": HELP} if problem.status != 412 else {})]
        if problem.status >= 500:
            errors[0]["phrase"] = "6 sad squid snuggle softly"
        answer = json_response(problem.status, {"errors": errors, **extra})
        if retry_after is None:
            return answer
        return HttpResponse(answer.status, {**answer.headers, "retry-after": str(retry_after)}, answer.body)

    def render(self, entry: Entry) -> dict[str, Any]:
        return self.shapes.full(entry)

    def seed_demo(self, size: int = 1000) -> None:
        demo.seed(self, size)

    def trash(self, entry: Entry, *, author: str, soft: bool = True) -> None:
        super().trash(entry, author=author, soft=soft)
        self.listings.forget()

    # A person's hand.

    def hand_create(self, resource: str, fields: Mapping[str, Any], *, author: str = "person") -> Entry:
        with self.lock:
            if resource == "tasks":
                return self._add_task({"projects": [PROJECT], **fields} if _homeless(fields) else fields, _user(author))
            data = {"workspace": WORKSPACE, **fields} if resource in ("projects", "tags") else dict(fields)
            if resource == "projects":
                data = {"notes": "", "archived": False, "color": None, "custom_fields": [], **data}
            if resource == "custom_fields":
                data["enum_options"] = [
                    {"enabled": True, "color": "none", "resource_type": "enum_option", "gid": self.new_id("options")}
                    | option
                    for option in data.get("enum_options", ())
                ]
            gid = str(data.pop("gid", None) or self.new_id(resource))
            entry = self.store.create(resource, gid, data, author=_user(author))
            if resource == "projects":
                self.store.create(
                    "sections", self.new_id("sections"), {"name": "To do", "project": gid}, author=_user(author)
                )
            return entry

    def hand_update(self, resource: str, entry_id: str, fields: Mapping[str, Any], *, author: str = "person") -> Entry:
        with self.lock:
            entry = self.found(resource, entry_id)
            if resource != "tasks":
                return self.store.update(entry, fields, author=_user(author))
            changes = self.rules.plain(fields, entry.fields, _user(author))
            if "memberships" in fields or "projects" in fields:
                changes["memberships"] = self.rules.memberships(fields)
            for name in ("tags", "parent"):
                if name in fields:
                    changes[name] = fields[name]
            return self.store.update(entry, changes, author=_user(author))

    def hand_delete(self, resource: str, entry_id: str, *, author: str = "person") -> None:
        super().hand_delete(resource, entry_id, author=_user(author))

    def hand_comment(self, task: str, text: str, *, author: str = "person") -> Entry:
        """A comment moves the task's `modified_at` and nothing else."""
        with self.lock:
            entry = self.found("tasks", task)
            self.store.touch(entry, author=_user(author))
            return self.store.create(
                "stories", self.new_id("stories"), {"task": task, "text": text}, author=_user(author)
            )

    def hook(self, target: str) -> str:
        """Registers a webhook of the project, without the handshake. Its secret."""
        with self.lock:
            fields = self._webhook_fields({"resource": PROJECT, "target": target})
            self.store.create("webhooks", self.new_id("webhooks"), fields, author=API_USER)
            return str(fields["secret"])

    # Tasks.

    @route("GET", "/tasks")
    def list_tasks(self, call: Call) -> HttpResponse:
        query = call.query
        if "project" in query or "section" in query:
            kind = "project" if "project" in query else "section"
            self.rules.known(f"{kind}s", query[kind])
            found = self.listings.in_home(kind, query[kind])
        elif "assignee" in query and "workspace" in query:
            assignee = self.rules.user(query["assignee"], call.who)
            found = [entry for entry in self.store.live("tasks") if entry.fields["assignee"] == assignee]
        else:
            raise Problem(400, "You should specify one of workspace, project, section, tag, user_task_list")
        return self._page(call, found)

    @route("GET", "/projects/{gid}/tasks")
    def list_project_tasks(self, call: Call) -> HttpResponse:
        call.query.pop("modified_since", None)
        self.found("projects", call.params["gid"])
        return self._page(call, self.listings.in_home("project", call.params["gid"]))

    @route("GET", "/sections/{gid}/tasks")
    def list_section_tasks(self, call: Call) -> HttpResponse:
        call.query.pop("modified_since", None)
        self.found("sections", call.params["gid"])
        return self._page(call, self.listings.in_home("section", call.params["gid"]))

    @route("GET", "/tags/{gid}/tasks")
    def list_tag_tasks(self, call: Call) -> HttpResponse:
        gid = self.found("tags", call.params["gid"]).id
        return self._page(call, [entry for entry in self.store.live("tasks") if gid in entry.fields["tags"]])

    @route("GET", "/tasks/{gid}/subtasks")
    def list_subtasks(self, call: Call) -> HttpResponse:
        gid = self.found("tasks", call.params["gid"]).id
        return self._page(call, [entry for entry in self.store.live("tasks") if entry.fields["parent"] == gid])

    @route("POST", "/tasks")
    def create_task(self, call: Call) -> HttpResponse:
        data = self.rewritten(_data(call))
        if not (data.get("projects") or data.get("memberships") or data.get("parent") or data.get("workspace")):
            raise Problem(400, "You must specify at least one of workspace, projects, or parent.")
        return self._one(call, self._add_task(data, call.who), 201)

    @route("GET", "/tasks/{gid}")
    def get_task(self, call: Call) -> HttpResponse:
        return self._one(call, self._task(call))

    @route("PUT", "/tasks/{gid}")
    def update_task(self, call: Call) -> HttpResponse:
        data = _data(call)
        refused = [name for name in OWN_CALLS if name in data]
        if refused:
            raise Problem(400, f"{refused[0]}: Cannot be changed by an update, use the call made for it")
        entry = self._task(call)
        changes = self.rules.plain(self.rewritten(data), entry.fields, call.who)
        if "custom_fields" in data:
            self.rules.custom_values(data["custom_fields"], entry.fields["memberships"])
        return self._one(call, self.store.update(entry, changes, author=call.who))

    @route("DELETE", "/tasks/{gid}")
    def delete_task(self, call: Call) -> HttpResponse:
        self.trash(self._task(call), author=call.who)
        return json_response(200, {"data": {}})

    @route("POST", "/tasks/{gid}/addProject")
    def add_project(self, call: Call) -> HttpResponse:
        data = _data(call)
        section = data.get("section")
        project = data.get("project") or (section and self.rules.known("sections", section).fields["project"])
        return self._move(call, self._task(call), project, self.rules.section(project, section))

    @route("POST", "/tasks/{gid}/removeProject")
    def remove_project(self, call: Call) -> HttpResponse:
        entry = self._task(call)
        project = self.rules.known("projects", _data(call).get("project")).id
        stays = [item for item in entry.fields["memberships"] if item["project"] != project]
        return self._set(call, entry, memberships=stays)

    @route("POST", "/sections/{gid}/addTask")
    def add_to_section(self, call: Call) -> HttpResponse:
        section = self.found("sections", call.params["gid"])
        entry = self.rules.known("tasks", _data(call).get("task"))
        return self._move(call, entry, section.fields["project"], section.id)

    @route("POST", "/tasks/{gid}/addTag")
    def add_tag(self, call: Call) -> HttpResponse:
        entry = self._task(call)
        tag = self.rules.known("tags", _data(call).get("tag")).id
        return self._set(call, entry, tags=list(dict.fromkeys([*entry.fields["tags"], tag])))

    @route("POST", "/tasks/{gid}/removeTag")
    def remove_tag(self, call: Call) -> HttpResponse:
        entry = self._task(call)
        tag = self.rules.known("tags", _data(call).get("tag")).id
        return self._set(call, entry, tags=[gid for gid in entry.fields["tags"] if gid != tag])

    @route("POST", "/tasks/{gid}/setParent")
    def set_parent(self, call: Call) -> HttpResponse:
        entry = self._task(call)
        parent = _data(call).get("parent")
        if parent is not None and self.rules.known("tasks", parent).id == entry.id:
            raise Problem(400, "parent: A task cannot be its own parent")
        return self._one(call, self.store.update(entry, {"parent": parent}, author=call.who))

    @route("GET", "/tasks/{gid}/stories")
    def list_stories(self, call: Call) -> HttpResponse:
        gid = self._task(call).id
        return self._page(call, [entry for entry in self.store.live("stories") if entry.fields["task"] == gid])

    @route("POST", "/tasks/{gid}/stories")
    def create_story(self, call: Call) -> HttpResponse:
        task = self._task(call)
        return self._one(call, self.hand_comment(task.id, str(_data(call).get("text", "")), author=call.who), 201)

    # What stands around tasks.

    @route("GET", "/users/me")
    def get_me(self, call: Call) -> HttpResponse:
        return self._one(call, self.found("users", call.who))

    @route("GET", "/users/{gid}")
    def get_user(self, call: Call) -> HttpResponse:
        return self._one(call, self.found("users", call.params["gid"]))

    @route("GET", "/users")
    def list_users(self, call: Call) -> HttpResponse:
        return self._page(call, self.store.live("users"))

    @route("GET", "/workspaces")
    def list_workspaces(self, call: Call) -> HttpResponse:
        return self._page(call, self.store.live("workspaces"))

    @route("GET", "/projects")
    def list_projects(self, call: Call) -> HttpResponse:
        archived = call.query.get("archived")
        found = self.store.live("projects")
        return self._page(call, [e for e in found if archived is None or e.fields["archived"] == (archived == "true")])

    @route("GET", "/workspaces/{gid}/projects")
    def list_workspace_projects(self, call: Call) -> HttpResponse:
        self.found("workspaces", call.params["gid"])
        return self.list_projects(call)

    @route("GET", "/projects/{gid}")
    def get_project(self, call: Call) -> HttpResponse:
        return self._one(call, self.found("projects", call.params["gid"]))

    @route("GET", "/projects/{gid}/sections")
    def list_sections(self, call: Call) -> HttpResponse:
        gid = self.found("projects", call.params["gid"]).id
        return self._page(call, [e for e in self.store.live("sections") if e.fields["project"] == gid])

    @route("POST", "/projects/{gid}/sections")
    def create_section(self, call: Call) -> HttpResponse:
        fields = {"name": str(_data(call).get("name", "")), "project": self.found("projects", call.params["gid"]).id}
        return self._one(call, self.hand_create("sections", fields, author=call.who), 201)

    @route("GET", "/projects/{gid}/custom_field_settings")
    def list_custom_field_settings(self, call: Call) -> HttpResponse:
        project = self.found("projects", call.params["gid"])
        found = [{"project": project.id, "field": gid} for gid in project.fields["custom_fields"]]
        settings = [
            {
                "gid": f"{item['field']}1",
                "resource_type": "custom_field_setting",
                "custom_field": self.shapes.full(self.found("custom_fields", item["field"])),
                "project": self.shapes.compact("projects", project.id),
            }
            for item in found
        ]
        return json_response(200, {"data": settings, "next_page": None})

    @route("GET", "/workspaces/{gid}/tags")
    def list_tags(self, call: Call) -> HttpResponse:
        return self._page(call, self.store.live("tags"))

    @route("POST", "/workspaces/{gid}/tags")
    def create_tag(self, call: Call) -> HttpResponse:
        fields = {"name": str(_data(call).get("name", "")), "color": None}
        return self._one(call, self.hand_create("tags", fields, author=call.who), 201)

    # Feed, webhooks, batch.

    @route("GET", "/events")
    def events(self, call: Call) -> HttpResponse:
        resource = call.query.get("resource", "")
        if self.store.get("projects", resource) is None and self.store.get("tasks", resource) is None:
            raise Problem(400, f"resource: Unknown object: {resource}")
        found = self.feed.since(resource, call.query.get("sync", ""))
        if found is None:
            raise Problem(412, "Sync token invalid or too old. If you are attempting to keep resources in sync, you "
                          "must fetch the full dataset for this query now and use the new sync token for the next "
                          "sync.", sync=self.feed.token(resource))  # fmt: skip
        events, token, more = found
        return json_response(200, {"data": events, "sync": token, "has_more": more})

    @route("GET", "/webhooks")
    def list_webhooks(self, call: Call) -> HttpResponse:
        return self._page(call, self.store.live("webhooks"))

    @route("GET", "/webhooks/{gid}")
    def get_webhook(self, call: Call) -> HttpResponse:
        return self._one(call, self.found("webhooks", call.params["gid"]))

    @route("POST", "/webhooks", locked=False)
    def create_webhook(self, call: Call) -> HttpResponse:
        """Asana calls the target while this request is open, so no lock is held here."""
        data = _data(call)
        with self.lock:
            fields = self._webhook_fields(data)
        self._handshake(fields["target"], fields["secret"])
        with self.lock:
            hook = self.store.create("webhooks", self.new_id("webhooks"), fields, author=call.who)
            self.feed.send(hook, [])
            shown = self.shapes.full(hook)
        return json_response(201, {"data": shown, "X-Hook-Secret": fields["secret"]})

    @route("DELETE", "/webhooks/{gid}")
    def delete_webhook(self, call: Call) -> HttpResponse:
        self.store.delete(self.found("webhooks", call.params["gid"]), author=call.who, soft=False)
        return json_response(200, {"data": {}})

    @route("POST", "/batch")
    def batch(self, call: Call) -> HttpResponse:
        actions = _data(call).get("actions") or []
        if not isinstance(actions, list) or not 1 <= len(actions) <= 10:
            raise Problem(400, "actions: Must be a list of 1 to 10 actions")
        answers = [self._action(call, action) for action in actions]
        parts = [b'{"status_code":%d,"headers":{},"body":%s}' % (answer.status, answer.body) for answer in answers]
        return _raw(b'{"data":[' + b",".join(parts) + b"]}")

    def _action(self, call: Call, action: Mapping[str, Any]) -> HttpResponse:
        path, method = str(action.get("relative_path", "")), str(action.get("method", "")).upper()
        if "?" in path:
            raise Problem(400, "relative_path: Must not have a query string")
        options = dict(action.get("options") or {})
        if "fields" in options:
            options["opt_fields"] = ",".join(options.pop("fields"))
        data = action.get("data") or {}
        query = {name: str(value) for name, value in ({**data, **options} if method == "GET" else options).items()}
        body = b"" if method == "GET" else orjson.dumps({"data": data})
        inner = HttpRequest(method, path, call.request.headers, body)
        return self._dispatch(Call(inner, method, path, query, call.headers))

    # Building blocks.

    def _task(self, call: Call) -> Entry:
        gid = call.params["gid"]
        if not gid.startswith("external:"):
            return self.found("tasks", gid)
        for entry in self.store.live("tasks"):
            if (entry.fields["external"] or {}).get("gid") == gid.removeprefix("external:"):
                return entry
        raise Problem(404, f"task: Unknown object: {gid}")

    def _add_task(self, data: Mapping[str, Any], author: str) -> Entry:
        fields = {**EMPTY, "workspace": WORKSPACE}
        fields |= self.rules.plain({k: v for k, v in data.items() if k != "id"}, fields, author)
        fields["memberships"] = self.rules.memberships(data)
        fields["tags"] = [self.rules.known("tags", gid).id for gid in data.get("tags") or ()]
        fields["followers"] = [self.rules.user(gid, author) for gid in data.get("followers") or ()]
        fields["parent"] = self.rules.known("tasks", data["parent"]).id if data.get("parent") else None
        self.rules.custom_values(fields["custom_fields"], fields["memberships"])
        gid = str(data.get("gid") or self.new_id("tasks"))
        at = moment(data["modified_at"], "modified_at") if author != API_USER and "modified_at" in data else None
        return self.store.create("tasks", gid, fields, author=author, at=at)

    def _move(self, call: Call, entry: Entry, project: str | None, section: str) -> HttpResponse:
        others = [item for item in entry.fields["memberships"] if item["project"] != project]
        return self._set(call, entry, memberships=[*others, {"project": project, "section": section}])

    def _set(self, call: Call, entry: Entry, **changes: Any) -> HttpResponse:
        self.store.update(entry, changes, author=call.who)
        return json_response(200, {"data": {}})

    def _one(self, call: Call, entry: Entry, status: int = 200) -> HttpResponse:
        return _raw(b'{"data":' + self._encoded(entry, call.query.get("opt_fields", "")) + b"}", status)

    def _page(self, call: Call, found: Iterable[Entry]) -> HttpResponse:
        entries, offset = self.listings.page(call, list(found), self._filters(call))
        opt_fields = call.query.get("opt_fields", COMPACT)
        body = b",".join([self._encoded(entry, opt_fields) for entry in entries])
        following: dict[str, Any] | None = None
        if offset:
            path = f"{call.path}?limit={call.query['limit']}&offset={offset}"
            following = {"offset": offset, "path": path, "uri": f"https://app.asana.com{self.base_path}{path}"}
        return _raw(b'{"data":[' + body + b'],"next_page":' + orjson.dumps(following) + b"}")

    def _filters(self, call: Call) -> list[Callable[[Entry], bool]]:
        filters: list[Callable[[Entry], bool]] = []
        if "modified_since" in call.query:
            since = moment(call.query["modified_since"], "modified_since")
            filters.append(lambda entry: entry.modified_at >= since and not self.store.hidden(entry.modified_at))
        if "completed_since" in call.query:
            text = call.query["completed_since"]
            after = stamp(self.clock.now() if text == "now" else moment(text, "completed_since")) or ""
            filters.append(lambda entry: not entry.fields["completed"] or entry.fields["completed_at"] >= after)
        return filters

    def _encoded(self, entry: Entry, opt_fields: str) -> bytes:
        key = f"{self.listings.epoch} {opt_fields}" if entry.collection == "tasks" else ""
        cached = entry.rendered.get(key) if key else None
        if cached is None:
            shown = select(self.shapes.full(entry), tree(opt_fields)) if opt_fields else self.shapes.usual(entry)
            cached = orjson.dumps(shown)
            if key:
                entry.rendered[key] = cached
        return cached

    def _webhook_fields(self, data: Mapping[str, Any]) -> dict[str, Any]:
        resource, target = str(data.get("resource", "")), str(data.get("target", ""))
        if self.store.get("projects", resource) is None and self.store.get("tasks", resource) is None:
            raise Problem(400, f"resource: Unknown object: {resource}")
        hooks = [hook.fields for hook in self.store.live("webhooks")]
        if any((hook["resource"], hook["target"]) == (resource, target) for hook in hooks):
            raise Problem(403, "Duplicated webhook")
        secret = self.ids.new().replace("-", "")
        filters = list(data.get("filters") or ())
        return {"resource": resource, "target": target, "active": True, "filters": filters, "secret": secret}

    def _handshake(self, target: str, secret: str) -> None:
        if self.webhooks.deliver is None:
            raise Problem(400, "The remote server which is intended to receive the webhook cannot be reached")
        answer = self.webhooks.deliver(HttpRequest("POST", target, {"X-Hook-Secret": secret}, b"{}"))
        echo = {name.lower(): value for name, value in answer.headers.items()}.get("x-hook-secret")
        if answer.status not in (200, 204) or echo != secret:
            raise Problem(400, "The remote server did not respond to the handshake with the X-Hook-Secret")


def _data(call: Call) -> dict[str, Any]:
    body = call.json()
    if not isinstance(body, dict) or not isinstance(body.get("data"), dict):
        raise Problem(400, "Missing input: data")
    data: dict[str, Any] = body["data"]
    return data


def _raw(body: bytes, status: int = 200) -> HttpResponse:
    return HttpResponse(status, {"content-type": "application/json; charset=utf-8"}, body)


def _homeless(fields: Mapping[str, Any]) -> bool:
    return not (fields.get("projects") or fields.get("memberships") or fields.get("parent"))


def _user(author: str) -> str:
    return PERSON if author == "person" else author


assert set(AsanaTwin.resources) == set(RESOURCE_TYPES)
