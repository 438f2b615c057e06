"""The tab of mappings: the rules of each type, and every record that they link."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from console.integrations.tabs import Tab
from console.paging import paged
from console.records.addresses import linked_to_records
from integrations.enums import MappingStatus
from integrations.models import IntegrationMapping


class LinkFilter(forms.Form):
    """By status, or one record by its id on either side."""

    status = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("Any")), *MappingStatus.choices])
    record = forms.CharField(
        label=_("Record"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": _("whole id, here or there")}),
    )


class Links(Tab):
    """Rules, and linked records by keyset."""

    key = "mappings"
    template_name = "console/integrations/links.html"

    def context(self) -> dict[str, Any]:
        form = LinkFilter(self.request.GET)
        asked = form.cleaned_data if form.is_valid() else {}
        chosen = IntegrationMapping.objects.filter(integration=self.one).defer("local_base", "external_base")
        documents = self.one.field_mappings.order_by("resource_type", "-version").distinct("resource_type")
        types = [one.resource_type for one in documents]
        if asked.get("record"):
            chosen = self._with_id(chosen, asked["record"].strip().replace("\0", ""), types)
        if asked.get("status"):
            chosen = chosen.filter(sync_status=asked["status"])
        page = paged(chosen, self.request.GET)
        return {
            "form": form,
            "filtered": any(asked.values()),
            "documents": documents,
            "page": page,
            "addresses": linked_to_records((one.resource_type, str(one.internal_id)) for one in page),
            "parked": self.one.parked.order_by("-id")[:20] if asked.get("status") == MappingStatus.ERROR else (),
        }

    def _with_id(self, chosen: Any, record: str, types: list[str]) -> Any:
        """By the indexes of either id, whose columns the type is part of."""
        try:
            return chosen.filter(internal_id=forms.UUIDField().clean(record))
        except forms.ValidationError:
            return chosen.filter(resource_type__in=types, external_id=record)
