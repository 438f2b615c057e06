"""The calls for tasks: listings, create, update, delete, and the calls beside PUT."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.base.http import HttpResponse
from connectors.base.sandbox.store import Entry
from connectors.base.sandbox.twin import Call, Problem, json_response, route

from .account import API_USER, WORKSPACE, user_of
from .answers import Answers, data_of
from .shapes import moment
from .tasks import EMPTY, OWN_CALLS


class TaskCalls(Answers):
    """`/tasks` and what hangs on a task."""

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
        data = self.rewritten(data_of(call))
        if not (data.get("projects") or data.get("memberships") or data.get("parent") or data.get("workspace")):
            raise Problem(400, "You must specify at least one of workspace, projects, or parent.")
        return self._one(call, self._add_task(data, call.who), 201)

    @route("GET", "/tasks/{gid}")
    def get_task(self, call: Call) -> HttpResponse:
        return self._one(call, self._task(call))

    @route("PUT", "/tasks/{gid}")
    def update_task(self, call: Call) -> HttpResponse:
        data = data_of(call)
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
        data = data_of(call)
        section = data.get("section")
        project = data.get("project") or (section and self.rules.known("sections", section).fields["project"])
        return self._move(call, self._task(call), project, self.rules.section(project, section))

    @route("POST", "/tasks/{gid}/removeProject")
    def remove_project(self, call: Call) -> HttpResponse:
        entry = self._task(call)
        project = self.rules.known("projects", data_of(call).get("project")).id
        stays = [item for item in entry.fields["memberships"] if item["project"] != project]
        return self._set(call, entry, memberships=stays)

    @route("POST", "/sections/{gid}/addTask")
    def add_to_section(self, call: Call) -> HttpResponse:
        section = self.found("sections", call.params["gid"])
        entry = self.rules.known("tasks", data_of(call).get("task"))
        return self._move(call, entry, section.fields["project"], section.id)

    @route("POST", "/tasks/{gid}/addTag")
    def add_tag(self, call: Call) -> HttpResponse:
        entry = self._task(call)
        tag = self.rules.known("tags", data_of(call).get("tag")).id
        return self._set(call, entry, tags=list(dict.fromkeys([*entry.fields["tags"], tag])))

    @route("POST", "/tasks/{gid}/removeTag")
    def remove_tag(self, call: Call) -> HttpResponse:
        entry = self._task(call)
        tag = self.rules.known("tags", data_of(call).get("tag")).id
        return self._set(call, entry, tags=[gid for gid in entry.fields["tags"] if gid != tag])

    @route("POST", "/tasks/{gid}/setParent")
    def set_parent(self, call: Call) -> HttpResponse:
        entry = self._task(call)
        parent = data_of(call).get("parent")
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
        return self._one(call, self.hand_comment(task.id, str(data_of(call).get("text", "")), author=call.who), 201)

    def hand_comment(self, task: str, text: str, *, author: str = "person") -> Entry:
        """A comment moves the task's `modified_at` and nothing else."""
        with self.lock:
            entry = self.found("tasks", task)
            self.store.touch(entry, author=user_of(author))
            return self.store.create(
                "stories", self.new_id("stories"), {"task": task, "text": text}, author=user_of(author)
            )

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
