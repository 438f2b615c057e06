"""Deleting an integration: what will be lost in numbers, and the name typed to confirm."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.integrations.tabs import Tab
from integrations import removal
from sync_engine.ports import ports

MOST = 10_000
"""Losses are counted up to here for the page; what goes is counted to the end when it goes."""

LOST = (
    ("links", gettext_lazy("links between records: a new integration would have to match them again")),
    ("pending", gettext_lazy("changes that wait to be written there and never will be")),
    ("undecided", gettext_lazy("conflicts that nobody has decided")),
    ("conflicts", gettext_lazy("conflicts in all, with the values that were not chosen")),
    ("runs", gettext_lazy("runs, which can then not be rolled back any more")),
    ("logs", gettext_lazy("log rows: who wrote what, and why")),
)
"""What goes, the worst first."""


class Confirmation(forms.Form):
    """Its name, typed."""

    name = forms.CharField(label=gettext_lazy("Type the name of the integration to confirm"), max_length=120)

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected
        self.fields["name"].widget.attrs["autocomplete"] = "off"

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        if name != self.expected:
            raise forms.ValidationError(_("This is not its name. Type: %(name)s") % {"name": self.expected})
        return name


class Remove(Tab):
    """GET says what is lost, POST with the name typed deletes."""

    key = "settings"
    template_name = "console/integrations/delete.html"

    def context(self) -> dict[str, Any]:
        found = removal.losses(self.one, MOST)
        return {
            "losses": [(getattr(found, name), sentence) for name, sentence in LOST if getattr(found, name)],
            "most": MOST,
            "form": Confirmation(expected=self.one.name),
            "doomed": self.one,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = Confirmation(request.POST, expected=self.one.name)
        if not form.is_valid():
            return self.show(status=422, form=form)
        try:
            gone = removal.remove(self.one, ports().clock)
        except removal.StillRunning as error:
            form.add_error(None, str(error))
            return self.show(status=409, form=form)
        said = _("'%(name)s' was deleted with %(links)d links, %(logs)d log rows and %(conflicts)d conflicts.")
        messages.success(
            request,
            said % {"name": self.one.name, "links": gone.links, "logs": gone.logs, "conflicts": gone.conflicts},
        )
        return HttpResponseRedirect(reverse("console:integrations"))
