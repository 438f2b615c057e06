"""The twin of Asana's REST API, from the sheet of the provider and checked against its OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from connectors.base.http import HttpResponse
from connectors.base.sandbox.oauth import OAuthPaths, SignsIn
from connectors.base.sandbox.store import Entry
from connectors.base.sandbox.twin import Problem, json_response

from . import demo
from .account import API_USER, PERSON, PROJECT, WORKSPACE, user_of
from .around_calls import AroundCalls
from .event_calls import EventCalls
from .feed import EventFeed
from .listing import Listings
from .shapes import RESOURCE_TYPES, Shapes
from .task_calls import TaskCalls
from .tasks import TaskRules

__all__ = ["API_USER", "PERSON", "PROJECT", "WORKSPACE", "AsanaTwin"]

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


class AsanaTwin(TaskCalls, AroundCalls, EventCalls, SignsIn):
    """Tasks, projects, sections, users, tags, events, webhooks, batch. One workspace.

    More `settings`: `sync_ttl` (seconds a sync token lives), `offset_ttl` (seconds an offset lives).
    """

    slug = "asana"
    base_path = "/api/1.0"
    oauth_paths = OAuthPaths("/-/oauth_authorize", "/-/oauth_token", "/-/oauth_revoke")
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
        return {**tokens, **self.oauth.people()}

    def accounts(self) -> Mapping[str, str]:
        return {entry.id: str(entry.fields["name"]) for entry in self.store.live("users")}

    def token_extras(self, user: str) -> Mapping[str, Any]:
        fields = self.found("users", user).fields
        return {"data": {"id": user, "gid": user, "name": fields["name"], "email": fields["email"]}}

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
                return self._add_task(
                    {"projects": [PROJECT], **fields} if _homeless(fields) else fields, user_of(author)
                )
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
            entry = self.store.create(resource, gid, data, author=user_of(author))
            if resource == "projects":
                self.store.create(
                    "sections", self.new_id("sections"), {"name": "To do", "project": gid}, author=user_of(author)
                )
            return entry

    def hand_update(self, resource: str, entry_id: str, fields: Mapping[str, Any], *, author: str = "person") -> Entry:
        with self.lock:
            entry = self.found(resource, entry_id)
            if resource != "tasks":
                return self.store.update(entry, fields, author=user_of(author))
            changes = self.rules.plain(fields, entry.fields, user_of(author))
            if "memberships" in fields or "projects" in fields:
                changes["memberships"] = self.rules.memberships(fields)
            for name in ("tags", "parent"):
                if name in fields:
                    changes[name] = fields[name]
            return self.store.update(entry, changes, author=user_of(author))

    def hand_delete(self, resource: str, entry_id: str, *, author: str = "person") -> None:
        super().hand_delete(resource, entry_id, author=user_of(author))

    def hook(self, target: str) -> str:
        """Registers a webhook of the project, without the handshake. Its secret."""
        with self.lock:
            fields = self._webhook_fields({"resource": PROJECT, "target": target})
            self.store.create("webhooks", self.new_id("webhooks"), fields, author=API_USER)
            return str(fields["secret"])


def _homeless(fields: Mapping[str, Any]) -> bool:
    return not (fields.get("projects") or fields.get("memberships") or fields.get("parent"))


assert set(AsanaTwin.resources) == set(RESOURCE_TYPES)
