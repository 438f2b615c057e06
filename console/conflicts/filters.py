"""The filters of the inbox, as a form that also works from a bare address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from conflicts.models import ConflictResolution
from conflicts.selectors import Wanted
from integrations.enums import ConflictStrategy
from integrations.models import Integration
from records import catalog

ANY = [("", _("Any"))]
AGES = [
    ("", _("Any")),
    ("new1", _("Since yesterday")),
    ("new7", _("The last 7 days")),
    ("old7", _("Older than 7 days")),
    ("old30", _("Older than 30 days")),
]


class FilterForm(forms.Form):
    """Everything is optional; what is not among the choices is left out, so that old addresses still work."""

    status = forms.ChoiceField(label=_("Status"), choices=ConflictResolution.Status.choices, required=False)
    integration = forms.ChoiceField(label=_("Integration"), required=False)
    type = forms.ChoiceField(label=_("Type"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=[*ANY, *ConflictResolution.Kind.choices], required=False)
    field = forms.CharField(label=_("Field"), max_length=80, required=False)
    age = forms.ChoiceField(label=_("Age"), choices=AGES, required=False)
    strategy = forms.ChoiceField(label=_("Rule"), choices=[*ANY, *ConflictStrategy.choices], required=False)
    record = forms.CharField(label=_("Record id"), max_length=200, required=False)

    def __init__(self, data: Mapping[str, Any], integrations: QuerySet[Integration]) -> None:
        super().__init__(data)
        own = integrations.order_by("name").values_list("pk", "name")[:200]
        self._choices("integration", [(str(pk), name) for pk, name in own])
        self._choices("type", [(one.key, one.label) for one in catalog.all_types()])

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        chosen = self.fields[name]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [*ANY, *choices]

    def wanted(self) -> Wanted:
        self.is_valid()
        given = {name: self.cleaned_data.get(name) or "" for name in self.fields}
        age = given["age"]
        days = int(age[3:]) if age else None
        return Wanted(
            status=given["status"] or ConflictResolution.Status.PENDING,
            integration=UUID(given["integration"]) if given["integration"] else None,
            resource_type=given["type"],
            kind=given["kind"],
            field=given["field"].replace("\0", ""),
            strategy=given["strategy"],
            older_than=days if age.startswith("old") else None,
            newer_than=days if age.startswith("new") else None,
            search=given["record"].replace("\0", ""),
        )

    @property
    def narrowed(self) -> bool:
        """Something other than "what is open" was asked for."""
        return len(self.wanted().stored()) > 1 or self.wanted().status != ConflictResolution.Status.PENDING
