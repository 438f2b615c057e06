"""Forms of the console: what a person types is checked here, with the sentence at the field."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.conf import settings
from unfold.widgets import UnfoldAdminSelectMultipleWidget, UnfoldAdminTextareaWidget

from connectors.base import registry
from connectors.base.errors import ConfigError, ConnectorError
from connectors.base.guard import check_base_url
from integrations.mapping import MappingError, validate_text
from integrations.models import FieldMapping, Integration
from integrations.services import check_mapping, field_specs
from integrations.starters import documents, starter_mappings
from records import catalog


class SecretsField(forms.JSONField):
    """A JSON object that is typed in and never shown."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value: Any) -> str:
        return ""

    def clean(self, value: Any) -> dict[str, str]:
        found = super().clean(value) or {}
        if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
            raise forms.ValidationError('Enter an object of texts, for example {"token": "..."}.')
        return found


class IntegrationForm(forms.ModelForm):
    """Credentials can be written, and left as they are; they are never sent to the browser."""

    new_credentials = SecretsField(
        required=False, label="Credentials", help_text='A JSON object, {"token": "..."}. Empty keeps what is stored.'
    )

    class Meta:
        model = Integration
        exclude = ("credentials", "webhook_secret")  # noqa: DJ006 - named so that a new secret stands out

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "type" in self.fields:
            keys = [(one.key.upper(), one.label) for one in registry.all_connectors()]
            self.fields["type"] = forms.ChoiceField(choices=keys, widget=forms.Select)
        if "data_types" in self.fields:
            kinds = dict.fromkeys(one.data_type for one in catalog.all_types())
            self.fields["data_types"] = forms.MultipleChoiceField(
                choices=[(kind, kind.replace("_", " ").capitalize()) for kind in kinds],
                widget=UnfoldAdminSelectMultipleWidget,
            )

    def clean_base_url(self) -> str:
        url: str = self.cleaned_data["base_url"]
        try:
            check_base_url(url, allow_private=settings.ALLOW_PRIVATE_HOSTS)
        except ConnectorError as error:
            raise forms.ValidationError(error.message) from error
        return url

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.instance._state.adding and "type" in data and "data_types" in data:
            offered = starter_mappings(data["type"].lower())
            if not any(catalog.get(key).data_type in data["data_types"] for key in offered):
                kinds = ", ".join(dict.fromkeys(catalog.get(key).data_type for key in offered))
                self.add_error("data_types", f"{data['type']} syncs {kinds}; choose one of these.")
            else:
                self._check_starters(data)
        return data

    def _check_starters(self, data: dict[str, Any]) -> None:
        try:
            documents(data["type"].lower(), data["data_types"], data.get("settings") or {})
        except ConfigError as error:
            self.add_error("data_types", error.message)

    def save(self, commit: bool = True) -> Integration:
        if self.cleaned_data.get("new_credentials"):
            self.instance.credentials = self.cleaned_data["new_credentials"]
        return super().save(commit)


class FieldMappingForm(forms.ModelForm):
    """The mapping document as text, checked as it is when a run compiles it. Problems come with their lines."""

    text = forms.CharField(
        label="Mapping", strip=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 40, "spellcheck": "false"})
    )

    class Meta:
        model = FieldMapping
        fields = ("integration", "resource_type")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["text"].initial = json.dumps(self.instance.document, indent=2, ensure_ascii=False)
        if "resource_type" in self.fields:
            kinds = [(one.key, one.label) for one in catalog.all_types()]
            self.fields["resource_type"] = forms.ChoiceField(choices=kinds)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind = data.get("resource_type") or self.instance.resource_type
        if kind and "text" in data:
            try:
                validate_text(data["text"], field_specs(catalog.get(kind)))
                check_mapping(kind, document := json.loads(data["text"]))
                self.instance.document = document
            except MappingError as error:
                self.add_error("text", [str(problem) for problem in error.problems])
        return data
