"""A connector's settings schema as fields of a form: what must be known before the connection is tested, and what is
chosen once it works (its choices come from the provider)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from connectors.base.connector import Connector

PREFIX = "setting_"


def properties(connector: type[Connector], *, before_test: bool) -> dict[str, Mapping[str, Any]]:
    """A configuration and a closed choice shape the very first call; a text is picked among what the provider has."""
    found: dict[str, Mapping[str, Any]] = dict(connector.settings_schema.get("properties", {}))
    return {name: one for name, one in found.items() if _shapes_the_call(one) is before_test}


def _shapes_the_call(prop: Mapping[str, Any]) -> bool:
    return prop.get("type") in ("object", "array") or "enum" in prop


def field(
    connector: type[Connector], name: str, prop: Mapping[str, Any], choices: Sequence[tuple[str, str]] = ()
) -> forms.Field:
    """The form field of one setting. `choices` are (value, label)."""
    wanted: dict[str, Any] = {
        "label": prop.get("title", name.replace("_", " ").capitalize()),
        "help_text": prop.get("description", ""),
        "required": name in connector.settings_schema.get("required", ()),
    }
    if "enum" in prop:
        choices = [(str(one), str(one)) for one in prop["enum"]]
    if choices:
        empty = () if wanted["required"] and len(choices) == 1 else (("", _("Choose…")),)
        return forms.ChoiceField(choices=[*empty, *choices], **wanted)
    kind = prop.get("type")
    if kind == "boolean":
        return forms.BooleanField(**{**wanted, "required": False})
    if kind == "integer":
        return forms.IntegerField(**wanted)
    if kind in ("object", "array"):
        return forms.JSONField(widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}), **wanted)
    return forms.CharField(max_length=500, **wanted)


def chosen(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """The settings among a form's answers; what was left empty is not set."""
    named = {name.removeprefix(PREFIX): value for name, value in cleaned.items() if name.startswith(PREFIX)}
    return {name: value for name, value in named.items() if value not in ("", None, {}, [])}
