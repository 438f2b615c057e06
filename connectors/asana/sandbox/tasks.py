"""What Asana accepts in a task: checks what a call sends and turns it into the stored form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date
from typing import Any

from connectors.base.sandbox.store import Entry, Store
from connectors.base.sandbox.twin import Problem

from .shapes import Shapes, moment, stamp

EMPTY: dict[str, Any] = {
    "name": "",
    "notes": "",
    "completed": False,
    "completed_at": None,
    "due_on": None,
    "due_at": None,
    "start_on": None,
    "start_at": None,
    "assignee": None,
    "memberships": [],
    "tags": [],
    "followers": [],
    "parent": None,
    "custom_fields": {},
    "resource_subtype": "default_task",
    "external": None,
    "workspace": "",
}
# PUT refuses these: they have calls of their own (addProject, addTag, setParent ...).
OWN_CALLS = ("projects", "memberships", "tags", "followers", "parent", "workspace")
_TEXTS = ("name", "notes", "resource_subtype")
_READ_ONLY = ("gid", "resource_type", "created_at", "modified_at", "completed_at", "permalink_url", "num_subtasks")


class TaskRules:
    """Checks and translates; stores nothing."""

    def __init__(self, store: Store, shapes: Shapes, now: Any) -> None:
        self._store = store
        self._shapes = shapes
        self._now = now

    def plain(self, data: Mapping[str, Any], current: Mapping[str, Any], me: str) -> dict[str, Any]:
        """The plain fields among `data`. Raises `Problem` 400."""
        changes: dict[str, Any] = {}
        for name, value in data.items():
            if name in OWN_CALLS or name in _READ_ONLY:
                continue
            if name not in EMPTY and name != "html_notes":
                raise Problem(400, f"{name}: Unknown field")
            changes[name] = self._checked(name, value, me)
        if "html_notes" in changes:
            changes["notes"] = re.sub(r"<[^>]+>", "", changes.pop("html_notes"))
        self._dates(changes, data, current)
        if "completed" in changes and changes["completed"] != current["completed"]:
            changes["completed_at"] = stamp(self._now()) if changes["completed"] else None
        if "custom_fields" in changes:
            changes["custom_fields"] = {**current["custom_fields"], **changes["custom_fields"]}
        return changes

    def _checked(self, name: str, value: Any, me: str) -> Any:
        if name in _TEXTS or name == "html_notes":
            if not isinstance(value, str):
                raise Problem(400, f"{name}: Value is not a string: {value}")
        elif name == "completed":
            if not isinstance(value, bool):
                raise Problem(400, f"completed: Value is not a boolean: {value}")
        elif name == "assignee":
            return None if value is None else self.user(value, me)
        elif name in ("due_on", "start_on") and value is not None:
            return self._date(name, value)
        elif name in ("due_at", "start_at") and value is not None:
            return stamp(moment(str(value), name))
        elif name in ("custom_fields", "external") and not isinstance(value, Mapping | None):
            raise Problem(400, f"{name}: Value is not an object: {value}")
        return value

    def _date(self, name: str, value: Any) -> str:
        try:
            return date.fromisoformat(str(value)).isoformat()
        except ValueError as error:
            raise Problem(400, f"{name}: Not a recognized date: {value}") from error

    def _dates(self, changes: dict[str, Any], data: Mapping[str, Any], current: Mapping[str, Any]) -> None:
        for edge in ("due", "start"):
            on, at = f"{edge}_on", f"{edge}_at"
            if data.get(on) is not None and data.get(at) is not None:
                raise Problem(400, f"You may not specify both {on} and {at}.")
            if changes.get(at):
                changes[on] = moment(changes[at], at).astimezone(UTC).date().isoformat()
            elif on in changes or at in changes:
                changes[at] = None
                changes.setdefault(on, None)
        starts = data.get("start_on") or data.get("start_at")
        if starts and not (data.get("due_on") or data.get("due_at")):
            raise Problem(400, "You must set a due date when setting a start date.")

    def user(self, value: Any, me: str) -> str:
        """The gid of a user named by gid, e-mail or `me`. Raises `Problem` 400."""
        if value == "me":
            return me
        for entry in self._store.live("users") if "@" in str(value) else ():
            if entry.fields.get("email") == value:
                return entry.id
        if not isinstance(value, str) or self._store.get("users", value) is None:
            raise Problem(400, f"assignee: Not an email or user ID: {value}")
        return value

    def known(self, collection: str, gid: Any) -> Entry:
        """What a body refers to. Raises `Problem` 400."""
        entry = self._store.get(collection, gid) if isinstance(gid, str) else None
        if entry is None:
            raise Problem(400, f"{collection.removesuffix('s')}: Unknown object: {gid}")
        return entry

    def custom_values(self, values: Mapping[str, Any], memberships: list[dict[str, Any]]) -> None:
        """Raises `Problem` 400 for a field that no project of the task has, or a value of the wrong kind."""
        attached = {entry.id: entry for entry in self._shapes.attached(memberships)}
        for gid, value in values.items():
            if gid not in attached:
                raise Problem(400, f"Custom field with ID {gid} is not on given object")
            self._custom_value(attached[gid], value)

    def _custom_value(self, definition: Entry, value: Any) -> None:
        kind = definition.fields["resource_subtype"]
        fits: dict[str, Any] = {"text": str, "number": int | float, "enum": str, "multi_enum": list, "date": Mapping}
        if value is not None and not isinstance(value, fits.get(kind, object)):
            raise Problem(400, f"custom_fields: Value of {definition.id} does not fit {kind}: {value}")
        options = {item["gid"] for item in definition.fields.get("enum_options", ())}
        if kind == "enum" and value is not None and value not in options:
            raise Problem(400, f"custom_fields: Unknown enum option: {value}")

    def memberships(self, data: Mapping[str, Any]) -> list[dict[str, Any]]:
        """From `projects` (gids or objects) and `memberships` ({project, section})."""
        wanted = {_gid(item): None for item in data.get("projects") or ()}
        for item in data.get("memberships") or ():
            wanted[_gid(item["project"])] = _gid(item.get("section"))
        return [{"project": gid, "section": self.section(gid, section)} for gid, section in wanted.items()]

    def section(self, project: str | None, section: str | None) -> str:
        """The section named, or the project's first."""
        self.known("projects", project)
        if section is not None:
            if self.known("sections", section).fields["project"] != project:
                raise Problem(400, "section: Not in the given project")
            return section
        return next(item.id for item in self._store.live("sections") if item.fields["project"] == project)


def _gid(value: Any) -> Any:
    return value.get("gid") if isinstance(value, Mapping) else value
