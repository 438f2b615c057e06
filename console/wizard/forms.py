"""The forms of the five steps. Each says what it needs, and changes only its own part of the draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from connectors.base import registry
from connectors.base.auth import Auth
from connectors.base.capabilities import Listens, Pushes
from connectors.base.connector import Connector
from connectors.base.errors import ConnectorError
from connectors.base.guard import check_base_url
from console.names import plural
from console.wizard import homes, schema
from integrations.enums import AuthenticationType, ConflictStrategy, DeletePolicy, SyncDirection, SyncFrequency
from integrations.models import Integration, IntegrationDraft
from integrations.oauth.providers import house_client
from integrations.starters import starter_mappings
from records import catalog
from records.models import Organization

Choices = Mapping[str, Sequence[tuple[str, str]]]
"""Setting to (value, label)."""


class StepForm(forms.Form):
    """`keep` writes the answers into the draft."""

    def __init__(self, draft: IntegrationDraft, *args: Any, **kwargs: Any) -> None:
        self.draft, self.connector = draft, registry.get(draft.type.lower())
        super().__init__(*args, **kwargs)
        self.build()

    def build(self) -> None:
        """Adds the fields that depend on the connector."""

    def keep(self) -> None:
        raise NotImplementedError

    def add_settings(self, *, before_test: bool, choices: Choices | None = None) -> None:
        stored = self.draft.answers.get("settings", {})
        for name, prop in schema.properties(self.connector, before_test=before_test).items():
            given = schema.field(self.connector, name, prop, (choices or {}).get(name, ()))
            given.initial = stored.get(name, prop.get("default"))
            self.fields[schema.PREFIX + name] = given

    def keep_settings(self) -> None:
        own = {name.removeprefix(schema.PREFIX) for name in self.fields if name.startswith(schema.PREFIX)}
        stored = self.draft.answers.get("settings", {})
        kept = {name: value for name, value in stored.items() if name not in own}
        self.draft.answers["settings"] = kept | schema.chosen(self.cleaned_data)
        shown = self.draft.answers.setdefault("shown", {})
        shown |= {name: self._shown(schema.PREFIX + name) for name in own}

    def _shown(self, name: str) -> tuple[str, str]:
        """(label, value in words) of a setting, for the review: people know a project by its name."""
        field, value = self.fields[name], self.cleaned_data.get(name)
        words = dict(getattr(field, "choices", ())).get(value, value)
        return str(field.label), "" if words in (None, {}, []) else str(words)


class BasicsForm(StepForm):
    """Name, address and kind of proof."""

    organization = forms.ModelChoiceField(queryset=Organization.objects.none(), label=_("Organization"))
    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("How your team calls it, for example “Main Asana workspace”.")
    )
    base_url = forms.URLField(label=_("Address of the API"), max_length=500, assume_scheme="https")
    auth_type = forms.ChoiceField(label=_("How Lockstep proves who it is"))

    def __init__(
        self, draft: IntegrationDraft, organizations: QuerySet[Organization], *args: Any, **kwargs: Any
    ) -> None:
        self._organizations = organizations
        super().__init__(draft, *args, **kwargs)

    def build(self) -> None:
        answers = self.draft.answers
        self.fields["organization"].queryset = self._organizations  # type: ignore[attr-defined]
        self.fields["organization"].initial = self.draft.organization_id
        if self._organizations.count() == 1:
            self.fields["organization"].widget = forms.HiddenInput()
        self.fields["name"].initial = answers.get("name", self.connector.label)
        self.fields["base_url"].initial = answers.get("base_url", self.connector.base_url)
        self.fields["base_url"].help_text = (
            _("Filled in for you. Change it only if %(tool)s gave you another.") % {"tool": self.connector.label}
            if self.connector.base_url
            else _("Where its requests go, for example https://api.example.com/v1.")
        )
        kinds = list(dict.fromkeys(one.serves for one in self.connector.auth if one.serves != "NONE"))
        known = dict(AuthenticationType.choices)
        self.fields["auth_type"].choices = [(one, known[one]) for one in kinds]  # type: ignore[attr-defined]
        self.fields["auth_type"].initial = answers.get("auth_type", kinds[0] if kinds else None)
        if not kinds:  # it asks for no proof; where it has no address either, it is of this very house
            del self.fields["auth_type"]
            if not self.connector.base_url:
                del self.fields["base_url"]
        self.add_settings(before_test=True)

    def clean_base_url(self) -> str:
        url: str = self.cleaned_data["base_url"]
        try:
            check_base_url(url, allow_private=settings.ALLOW_PRIVATE_HOSTS)
        except ConnectorError as error:
            raise forms.ValidationError(error.message) from error
        return url

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        same = Integration.objects.filter(organization=data.get("organization"), name=data.get("name"))
        if same.exists():
            self.add_error("name", _("There is already an integration of this name. Choose another."))
        return data

    def keep(self) -> None:
        answers, data = self.draft.answers, {"base_url": "", "auth_type": "NONE", **self.cleaned_data}
        if answers.get("base_url") != data["base_url"] or answers.get("auth_type") != data["auth_type"]:
            answers.pop("account", None)
        self.draft.organization = data["organization"]
        answers |= {name: data[name] for name in ("name", "base_url", "auth_type")}
        self.keep_settings()


class CredentialsForm(StepForm):
    """What the kind of proof asks for. What is stored is never sent back to the browser."""

    def build(self) -> None:
        answers = self.draft.answers
        house = house_client(Integration(type=self.draft.type, base_url=answers.get("base_url", "")))
        known = house if answers.get("auth_type") == AuthenticationType.OAUTH2 else {}
        for one in auth_of(self.connector, answers.get("auth_type", "")).fields:
            stored = bool(self.draft.credentials.get(one.name))
            self.fields[one.name] = forms.CharField(
                label=one.label,
                max_length=5000,
                required=one.required and not stored and one.name not in known,
                help_text=_("Stored, and not shown again. Leave it empty to keep it.") if stored and one.secret else "",
                initial="" if one.secret else self.draft.credentials.get(one.name, ""),
                widget=forms.PasswordInput(attrs={"autocomplete": "off"}) if one.secret else forms.TextInput(),
            )

    def keep(self) -> None:
        given = {name: value for name, value in self.cleaned_data.items() if value}
        self.draft.credentials = {**self.draft.credentials, **given}  # type: ignore[assignment]
        self.draft.answers.pop("account", None)


def auth_of(connector: type[Connector], auth_type: str) -> Auth:
    """The connector's own kind that serves R1's `authType`."""
    return next((one for one in connector.auth if one.serves == auth_type), connector.auth[0])


class SyncForm(StepForm):
    """What is synced, which way, how often, and who wins. `choices`: setting to what the provider has."""

    data_types = forms.MultipleChoiceField(label=_("What to sync"), widget=forms.CheckboxSelectMultiple)
    sync_direction = forms.ChoiceField(label=_("Which way"), choices=SyncDirection.choices)
    sync_frequency = forms.ChoiceField(label=_("How often"), choices=SyncFrequency.choices)
    conflict_strategy = forms.ChoiceField(
        label=_("When both sides changed the same field"),
        choices=[one for one in ConflictStrategy.choices if one[0] != ConflictStrategy.CUSTOM_MERGE],
        help_text=_(
            "What loses is kept in either case, and every decision can be reopened. Rules per field can be set later."
        ),
    )
    on_external_delete = forms.ChoiceField(label=_("When a record is deleted there"), choices=DeletePolicy.choices)
    on_local_delete = forms.ChoiceField(label=_("When a record is deleted here"), choices=DeletePolicy.choices)

    def __init__(self, draft: IntegrationDraft, choices: Choices, *args: Any, **kwargs: Any) -> None:
        self._choices = choices
        super().__init__(draft, *args, **kwargs)

    def build(self) -> None:
        answers = self.draft.answers
        asked = homes.fields(self.draft)
        self.fields |= asked
        homed = {kind.data_type: homes.PREFIX + kind.key in asked for kind in homes.kinds(self.connector.key)}
        offered = [(key, label) for key, label in data_types(self.connector) if homed.get(key, True)]
        usual = [key for key, _label in offered if key not in homed]
        self.fields["data_types"].choices = offered  # type: ignore[attr-defined]
        self.fields["data_types"].initial = answers.get("data_types", usual)
        if not issubclass(self.connector, Pushes):
            self._only("sync_direction", SyncDirection.EXTERNAL_TO_LOCAL)
        own = self.connector.defaults
        live = issubclass(self.connector, Listens) or own.get("sync_frequency") == SyncFrequency.REALTIME
        if not live:
            self._without("sync_frequency", SyncFrequency.REALTIME)
        defaults = {
            "sync_direction": SyncDirection.BIDIRECTIONAL if issubclass(self.connector, Pushes) else None,
            "sync_frequency": SyncFrequency.REALTIME if live else SyncFrequency.HOURLY,
            "conflict_strategy": ConflictStrategy.MANUAL_REVIEW,
            "on_external_delete": DeletePolicy.ARCHIVE,
            "on_local_delete": DeletePolicy.ARCHIVE,
            **own,
        }
        for name, default in defaults.items():
            self.fields[name].initial = answers.get(name, default)
        self.add_settings(before_test=False, choices=self._choices)

    def _only(self, name: str, value: str) -> None:
        field: Any = self.fields[name]
        field.choices = [one for one in field.choices if one[0] == value]

    def _without(self, name: str, value: str) -> None:
        field: Any = self.fields[name]
        field.choices = [one for one in field.choices if one[0] != value]

    @property
    def provider_fields(self) -> list[Any]:
        return [field for field in self if field.name.startswith(schema.PREFIX)]

    @property
    def home_fields(self) -> list[Any]:
        return [field for field in self if field.name.startswith(homes.PREFIX)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, sentence in homes.problems(self.draft, data):
            self.add_error(name, sentence)
        return data

    def keep(self) -> None:
        self.keep_settings()
        stored, shown = self.draft.answers["settings"], self.draft.answers["shown"]
        if (scope := homes.scope(self.draft, self.cleaned_data)) or "scope" in stored:
            stored["scope"] = scope
        shown |= {field.name: self._shown(field.name) for field in self.home_fields if self.cleaned_data[field.name]}
        own = {name: value for name, value in self.cleaned_data.items() if not name.startswith(homes.PREFIX)}
        self.draft.answers |= {name: value for name, value in own.items() if not name.startswith(schema.PREFIX)}


def data_types(connector: type[Connector]) -> list[tuple[str, str]]:
    """(R1's data type, the records' own name) of everything that the connector ships a mapping for."""
    kinds = [catalog.get(key) for key in starter_mappings(connector.key)]
    return list({kind.data_type: plural(kind.model).capitalize() for kind in kinds}.items())
