"""Turns fields in the shape that Asana shows them in into what its write calls take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.base.errors import Rejected

# Set by calls of their own, never by PUT.
OWN_CALLS = frozenset({"memberships", "projects", "tags", "parent"})
_OPTIONS = {"enum_value": "enum", "multi_enum_values": "multi_enum"}


def plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What PUT takes, without custom fields. `assignee` becomes a gid."""
    data = {name: value for name, value in fields.items() if name not in OWN_CALLS and name != "custom_fields"}
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
