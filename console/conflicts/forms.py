"""The form of a case: for each field whose value shall stand, and whether the provider is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from conflicts.models import ConflictResolution
from console.conflicts.inputs import Input, input_for
from records import catalog
from records.values import problem_of
from sync_engine.deciding.choices import MERGE, Choice
from sync_engine.review.review import Look

LOCAL, EXTERNAL, OWN, THEN_LOCAL, THEN_EXTERNAL = "local", "external", "own", "then_local", "then_external"


@dataclass(frozen=True)
class Slot:
    """The two inputs of one contested field: which value, and one's own."""

    name: str
    given: Input

    @property
    def pick(self) -> str:
        return f"pick_{self.name}"

    @property
    def own(self) -> str:
        return f"own_{self.name}"


class MergeForm(forms.Form):
    """`choice()` is the decision once the form is valid. Values that cannot stand are refused in the words of the
    field."""

    push = forms.BooleanField(required=False, initial=True)
    token = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, look: Look, data: Any = None) -> None:
        super().__init__(data, initial={"token": look.token})
        self.look, self.case = look, look.case
        self.sync_type = catalog.get(self.case.resource_type)
        organization = str(self.case.integration.organization_id)
        names = [name for name in look.local if self.sync_type.has_field(name)] if self.merges else []
        self.slots = [
            Slot(name, input_for(self.sync_type, name, organization, (look.local[name], look.external.get(name))))
            for name in names
        ]
        for slot in self.slots:
            picks = [(one, one) for one in self.values_of(slot.name)] + [(OWN, OWN)]
            self.fields[slot.pick] = forms.ChoiceField(choices=picks, initial=LOCAL, required=False)
            self.fields[slot.own] = slot.given.field
            self.fields[slot.own].initial = slot.given.shows(look.local[slot.name])

    @property
    def merges(self) -> bool:
        return self.case.kind == ConflictResolution.Kind.FIELDS

    def values_of(self, name: str) -> dict[str, Any]:
        """The values to pick from; of a case that was opened again, those that lost are among them."""
        found = {LOCAL: self.look.local.get(name), EXTERNAL: self.look.external.get(name)}
        if self.case.reopens is not None:
            for pick, data in (
                (THEN_LOCAL, self.case.reopens.local_data),
                (THEN_EXTERNAL, self.case.reopens.external_data),
            ):
                if name in data and data[name] not in found.values():
                    found[pick] = data[name]
        return found

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for slot in self.slots:
            if cleaned.get(slot.pick) != OWN:
                self.errors.pop(slot.own, None)
            if slot.own in self.errors or cleaned.get(slot.pick) != OWN:
                continue
            plain = slot.given.plain(cleaned.get(slot.own))
            if problem := problem_of(self.sync_type.field(slot.name), plain):
                self.add_error(slot.own, ValidationError(problem))
            cleaned[slot.own] = plain
        return cleaned

    def merged(self) -> dict[str, Any]:
        """Field to the value that shall stand."""
        return {slot.name: self._value(slot) for slot in self.slots}

    def _value(self, slot: Slot) -> Any:
        pick = self.cleaned_data.get(slot.pick) or LOCAL
        return self.cleaned_data[slot.own] if pick == OWN else self.values_of(slot.name)[pick]

    def choice(self, strategy: str = MERGE) -> Choice:
        values: Mapping[str, Any] = self.merged() if strategy == MERGE else {}
        return Choice(strategy, values, bool(self.cleaned_data["push"]))
