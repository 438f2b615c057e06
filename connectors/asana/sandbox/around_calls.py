"""The calls for what stands around tasks: users, workspaces, projects, sections, tags."""

from __future__ import annotations

from connectors.base.http import HttpResponse
from connectors.base.sandbox.twin import Call, json_response, route

from .answers import Answers, data_of


class AroundCalls(Answers):
    """Mostly read."""

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
        fields = {"name": str(data_of(call).get("name", "")), "project": self.found("projects", call.params["gid"]).id}
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
        fields = {"name": str(data_of(call).get("name", "")), "color": None}
        return self._one(call, self.hand_create("tags", fields, author=call.who), 201)
