"""Records that live in one other record, as items on a board: which one is asked as a plain choice, and kept as the
scope of the integration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from console.names import plural
from integrations.models import IntegrationDraft
from integrations.starters import rivals, starter_mappings
from records import catalog
from records.catalog import SyncType

PREFIX = "home_"


def kinds(connector_key: str) -> Iterator[SyncType]:
    """The types of the connector's starters that have a home."""
    return (kind for kind in map(catalog.get, starter_mappings(connector_key)) if kind.home)


def fields(draft: IntegrationDraft) -> dict[str, forms.ChoiceField]:
    """A choice of homes by the name of its field; none where the organization has none."""
    found = {}
    for kind in kinds(draft.type.lower()):
        home = catalog.get(str(kind.field(kind.home).reference))
        rows = home.model._default_manager.filter(organization=draft.organization).order_by("pk")
        if choices := [(str(one.pk), str(one)) for one in rows]:
            found[PREFIX + kind.key] = forms.ChoiceField(
                label=gettext(home.label),
                required=False,
                choices=[("", gettext_lazy("Choose…")), *choices],
                initial=_chosen(draft, kind),
                help_text=gettext(
                    "Only for %(records)s: those of this one alone are synced, and what is new there comes in to it."
                )
                % {"records": _plural(kind)},
            )
    return found


def problems(draft: IntegrationDraft, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(field, sentence): a home that was not chosen, and types that cannot be had together."""
    starters = starter_mappings(draft.type.lower())
    chosen = {key: one for key, one in starters.items() if catalog.get(key).data_type in data.get("data_types", ())}
    for key in chosen:
        if catalog.get(key).home and not data.get(PREFIX + key):
            yield PREFIX + key, gettext("Choose one.")
    if pair := rivals(chosen):
        names = [_plural(catalog.get(key)) for key in pair]
        sentence = gettext(
            "Choose either %(first)s or %(second)s: they are the same records there. The other needs an integration of "
            "its own, for another project."
        )
        yield "data_types", sentence % {"first": names[0], "second": names[1]}


def scope(draft: IntegrationDraft, data: Mapping[str, Any]) -> dict[str, Any]:
    """`settings["scope"]` with the homes of the chosen types."""
    found = dict(draft.answers.get("settings", {}).get("scope") or {})
    for kind in kinds(draft.type.lower()):
        found.pop(kind.key, None)
        if kind.data_type in data["data_types"]:
            found[kind.key] = {kind.home: [data[PREFIX + kind.key]]}
    return found


def _plural(kind: SyncType) -> str:
    return plural(kind.model)


def _chosen(draft: IntegrationDraft, kind: SyncType) -> str | None:
    stored = draft.answers.get("settings", {}).get("scope") or {}
    return next(iter(stored.get(kind.key, {}).get(kind.home, ())), None)
