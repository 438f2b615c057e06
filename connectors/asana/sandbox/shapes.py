"""How stored records look in answers: full objects, `opt_fields` selection, stamps."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from connectors.base.sandbox.store import Entry, Store
from connectors.base.sandbox.twin import Problem

COMPACT = "gid,name,resource_type,resource_subtype"
RESOURCE_TYPES = {
    "workspaces": "workspace",
    "users": "user",
    "projects": "project",
    "sections": "section",
    "tags": "tag",
    "tasks": "task",
    "custom_fields": "custom_field",
    "stories": "story",
    "webhooks": "webhook",
}
# Requested without sub-fields these come whole; other nested objects shrink to their gid.
_WHOLE = frozenset({"custom_fields", "external", "change", "filters", "enum_options"})
Tree = dict[str, Any]


def stamp(moment: datetime | None) -> str | None:
    """`2026-11-20T14:03:22.118Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None


def moment(text: str, what: str) -> datetime:
    """Raises `Problem` 400. A time without zone is UTC."""
    try:
        parsed = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise Problem(400, f"{what}: Not a recognized date-time: {text}") from error
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


@lru_cache(maxsize=256)
def tree(opt_fields: str) -> Tree:
    """`a,b.c` as `{"a": {}, "b": {"c": {}}}`; `gid` always comes."""
    root: Tree = {"gid": {}}
    for path in filter(None, opt_fields.split(",")):
        node = root
        for part in path.strip().split("."):
            node = node.setdefault(part, {})
    return root


def select(value: Any, wanted: Tree) -> Any:
    if isinstance(value, list):
        return [select(item, wanted) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: _nested(name, value[name], sub) for name, sub in wanted.items() if name in value}


def _nested(name: str, value: Any, sub: Tree) -> Any:
    if not isinstance(value, dict | list) or (not sub and name in _WHOLE):
        return value
    if name == "memberships" and not sub:
        sub = {"project": {}, "section": {}}
    return select(value, {"gid": {}, **sub} if sub else {"gid": {}, "resource_type": {}})


class Shapes:
    """Turns entries of a store into Asana's objects."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def compact(self, collection: str, gid: str | None) -> dict[str, Any] | None:
        entry = self._store.get(collection, gid, deleted=True) if gid else None
        if entry is None:
            return None
        return {"gid": entry.id, "resource_type": RESOURCE_TYPES[collection], "name": entry.fields.get("name", "")}

    def person(self, gid: str | None) -> dict[str, Any] | None:
        """With the e-mail, which comes only when it is asked for."""
        entry = self._store.get("users", gid, deleted=True) if gid else None
        return {**(self.compact("users", gid) or {}), "email": entry.fields.get("email")} if entry else None

    def usual(self, entry: Entry) -> dict[str, Any]:
        """The object of a call that asks for nothing in particular."""
        full = self.full(entry)
        if entry.collection == "tasks":
            full["assignee"] = self.compact("users", entry.fields["assignee"])
            del full["created_by"]  # comes only when it is asked for
            if full["external"] is None:
                del full["external"]
        return full

    def full(self, entry: Entry) -> dict[str, Any]:
        head = {"gid": entry.id, "resource_type": RESOURCE_TYPES[entry.collection]}
        return {**head, **getattr(self, f"_{entry.collection}", self._plain)(entry)}

    def _plain(self, entry: Entry) -> dict[str, Any]:
        return dict(entry.fields)

    def _users(self, entry: Entry) -> dict[str, Any]:
        spaces = [self.compact("workspaces", space.id) for space in self._store.live("workspaces")]
        return {"name": entry.fields["name"], "email": entry.fields.get("email"), "photo": None, "workspaces": spaces}

    def _projects(self, entry: Entry) -> dict[str, Any]:
        fields = {name: value for name, value in entry.fields.items() if name != "custom_fields"}
        stamps = {"created_at": stamp(entry.created_at), "modified_at": stamp(entry.modified_at)}
        return {**fields, "workspace": self.compact("workspaces", entry.fields["workspace"]), **stamps}

    def _sections(self, entry: Entry) -> dict[str, Any]:
        project = self.compact("projects", entry.fields["project"])
        return {"name": entry.fields["name"], "created_at": stamp(entry.created_at), "project": project}

    def _tags(self, entry: Entry) -> dict[str, Any]:
        return {**entry.fields, "workspace": self.compact("workspaces", entry.fields["workspace"])}

    def _stories(self, entry: Entry) -> dict[str, Any]:
        author = self.compact("users", entry.author)
        about = {"target": self.compact("tasks", entry.fields["task"]), "created_by": author}
        text = {"text": entry.fields["text"], "type": "comment", "resource_subtype": "comment_added"}
        return {**text, **about, "created_at": stamp(entry.created_at)}

    def _webhooks(self, entry: Entry) -> dict[str, Any]:
        fields = {name: value for name, value in entry.fields.items() if name != "secret"}
        resource = self.compact("projects", fields["resource"]) or self.compact("tasks", fields["resource"])
        return {**fields, "resource": resource, "created_at": stamp(entry.created_at)}

    def _tasks(self, entry: Entry) -> dict[str, Any]:
        stored = entry.fields
        memberships = [
            {"project": self.compact("projects", m["project"]), "section": self.compact("sections", m["section"])}
            for m in stored["memberships"]
        ]
        return {
            **{name: value for name, value in stored.items() if name not in ("custom_fields", "followers")},
            "assignee": self.person(stored["assignee"]),
            "memberships": memberships,
            "projects": [item["project"] for item in memberships],
            "tags": [self.compact("tags", gid) for gid in stored["tags"]],
            "parent": self.compact("tasks", stored["parent"]),
            "workspace": self.compact("workspaces", stored["workspace"]),
            "custom_fields": self._values(stored),
            "followers": [self.compact("users", gid) for gid in stored["followers"]],
            "created_at": stamp(entry.created_at),
            "created_by": self.compact("users", entry.creator),
            "modified_at": stamp(entry.modified_at),
            "permalink_url": f"https://app.asana.com/1/{stored['workspace']}/task/{entry.id}",
        }

    def _values(self, stored: dict[str, Any]) -> list[dict[str, Any]]:
        attached = self.attached(stored["memberships"])
        return [self._value(definition, stored["custom_fields"].get(definition.id)) for definition in attached]

    def attached(self, memberships: list[dict[str, Any]]) -> list[Entry]:
        """The custom fields of the projects that a task is in."""
        projects = [self._store.get("projects", item["project"]) for item in memberships]
        gids = dict.fromkeys(gid for project in projects if project for gid in project.fields["custom_fields"])
        return [found for gid in gids if (found := self._store.get("custom_fields", gid))]

    def _value(self, definition: Entry, raw: Any) -> dict[str, Any]:
        kind = definition.fields["resource_subtype"]
        options = {item["gid"]: item for item in definition.fields.get("enum_options", ())}
        value: Any = raw
        shown = None if raw is None else str(raw)
        if kind == "enum":
            value = options.get(raw) if raw else None
            shown = value["name"] if value else None
        elif kind == "multi_enum":
            value = [options[gid] for gid in raw or () if gid in options]
            shown = ", ".join(item["name"] for item in value) or None
        elif kind == "people":
            value = [self.compact("users", gid) for gid in raw or ()]
        name = {"multi_enum": "multi_enum_values"}.get(kind, f"{kind}_value")
        head = {"gid": definition.id, "resource_type": "custom_field", "name": definition.fields["name"]}
        return {**head, "resource_subtype": kind, "type": kind, "display_value": shown, name: value}
