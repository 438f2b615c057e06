"""The tab of settings. What the connection depends on is tested before it is stored."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import APIException

from connectors.base.errors import ConnectorError
from connectors.base.guard import check_base_url
from console.integrations.tabs import Tab
from integrations.models import Integration, JobExecution
from integrations.starters import starter_mappings
from records import catalog
from sync_engine.api import changing
from sync_engine.running import added_types

BASIC = ("name", "data_types", "sync_direction", "sync_frequency", "conflict_strategy", "on_external_delete",
         "on_local_delete")  # fmt: skip
ADVANCED = ("base_url", "auth_type", "new_credentials", "settings", "merge_rules")


class SettingsForm(forms.ModelForm):
    """Credentials are typed in and never shown; left empty they stay."""

    data_types = forms.MultipleChoiceField(
        label=gettext_lazy("What moves"),
        widget=forms.CheckboxSelectMultiple,
        choices=(),
        help_text=gettext_lazy("What you leave out stays linked; its changes wait until you let it in again."),
    )
    new_credentials = forms.JSONField(
        label=gettext_lazy("New credentials"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy('A JSON object such as {"token": "..."}. Left empty, the stored ones stay.'),
    )

    class Meta:
        model = Integration
        fields = (
            "name", "sync_direction", "sync_frequency", "conflict_strategy", "on_external_delete", "on_local_delete",
            "base_url", "auth_type", "settings", "merge_rules", "data_types",
        )  # fmt: skip
        labels = {  # noqa: RUF012 - Django's own form of it
            "name": gettext_lazy("Name"),
            "sync_direction": gettext_lazy("Direction"),
            "sync_frequency": gettext_lazy("How often"),
            "conflict_strategy": gettext_lazy("When both sides change the same field"),
            "on_external_delete": gettext_lazy("When a record is deleted at the provider"),
            "on_local_delete": gettext_lazy("When a record is deleted here"),
            "base_url": gettext_lazy("Address of the provider"),
            "auth_type": gettext_lazy("How it logs in"),
            "settings": gettext_lazy("Settings of the connector"),
            "merge_rules": gettext_lazy("Rules per field"),
        }
        help_texts = {  # noqa: RUF012
            "settings": gettext_lazy("A JSON object: what this provider asks for, such as a project."),
            "merge_rules": gettext_lazy('For "Rules per field": field name to rule, such as prefer_local or max.'),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = {catalog.get(key).data_type for key in starter_mappings(self.instance.connector_key)}
        kinds = dict.fromkeys(one.data_type for one in catalog.all_types())
        shown = [kind for kind in kinds if kind in offered | set(self.instance.data_types)]
        self.fields["data_types"].choices = [(kind, kind.replace("_", " ").capitalize()) for kind in shown]  # type: ignore[attr-defined]
        self.initial["new_credentials"] = None

    def clean_base_url(self) -> str:
        url: str = self.cleaned_data["base_url"]
        try:
            check_base_url(url, allow_private=settings.ALLOW_PRIVATE_HOSTS)
        except ConnectorError as error:
            raise forms.ValidationError(error.message) from error
        return url

    def clean_new_credentials(self) -> dict[str, Any] | None:
        given = self.cleaned_data["new_credentials"]
        if given is not None and not isinstance(given, dict):
            raise forms.ValidationError(_('Enter an object, for example {"token": "..."}.'))
        return given

    def changes(self) -> dict[str, Any]:
        """What a person changed, as `changing.change` takes it."""
        given = {name: self.cleaned_data[name] for name in self.changed_data if name != "new_credentials"}
        if self.cleaned_data.get("new_credentials"):
            given["credentials"] = self.cleaned_data["new_credentials"]
        return given

    def _post_clean(self) -> None:
        """The instance is changed by the service alone, and only once the connection was tested."""

    def bound(self, names: tuple[str, ...]) -> list[forms.BoundField]:
        return [self[name] for name in names]


class Settings(Tab):
    """GET shows the form, POST saves it."""

    key = "settings"
    template_name = "console/integrations/settings.html"

    def context(self) -> dict[str, Any]:
        return self._shown(SettingsForm(instance=self.one))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = SettingsForm(request.POST, instance=self.one)
        look = added_types.under_way(self.one)
        if form.is_valid() and self._saved(form):
            added = added_types.under_way(self.one)
            return self._planned(added) if added is not None and added != look else self._plain()
        return self.show(status=422, **self._shown(form))

    def _plain(self) -> HttpResponseBase:
        messages.success(self.request, _("Saved."))
        return HttpResponseRedirect(reverse("console:integration_settings", args=[self.one.pk]))

    def _planned(self, look: JobExecution) -> HttpResponseBase:
        said = _("Saved. What was added is compared first; nothing is written before you approve this plan.")
        messages.success(self.request, said)
        return HttpResponseRedirect(reverse("console:run", args=[look.pk]))

    def _saved(self, form: SettingsForm) -> bool:
        try:
            changing.change(self.one, form.changes(), self.who)
        except APIException as error:
            for name, sentence in problems(error):
                form.add_error(name if name in form.fields else None, sentence)
            self.one.refresh_from_db()
            return False
        return True

    def _shown(self, form: SettingsForm) -> dict[str, Any]:
        advanced = form.bound(ADVANCED)
        return {
            "form": form,
            "basic": form.bound(BASIC),
            "advanced": advanced,
            "unfold_advanced": any(field.errors for field in advanced),
            "stored": ", ".join(sorted(self.one.credentials)),
        }


def problems(error: APIException) -> list[tuple[str, str]]:
    """Field and sentence of each; "" where it is about the whole."""
    if isinstance(error.detail, dict):
        named = {"credentials": "new_credentials", "dataTypes": "data_types"}
        return [
            (named.get(str(name), str(name)), " ".join(map(str, said if isinstance(said, list) else [said])))
            for name, said in error.detail.items()
        ]
    return [("", str(error.detail))]
