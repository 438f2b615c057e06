"""Language and time zone of the viewer, kept in this browser; the language for mail to them as well."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.i18n import set_language

from console.middleware import COOKIE, zone_names
from console.pages import Page
from records import languages

YEAR = 365 * 24 * 3600


class PreferencesForm(forms.Form):
    """An empty zone is the browser's own."""

    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"), required=False, help_text=gettext_lazy("All times are shown in it.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = [(name, name.replace("_", " ")) for name in sorted(zone_names()) if "/" in name or name == "UTC"]
        self.fields["zone"].choices = [("", _("As this device says")), *zones]  # type: ignore[attr-defined]


class Preferences(Page):
    """GET shows them, POST keeps them."""

    template_name = "console/preferences.html"
    title = gettext_lazy("Language and time zone")

    def without_role(self, request: HttpRequest) -> HttpResponseBase:
        """Everybody who may log in has a language; nothing here belongs to an organization."""
        return self.post(request) if request.method == "POST" else self.get(request)

    def context(self) -> dict[str, Any]:
        return {"form": PreferencesForm(initial=self._now())}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = PreferencesForm(request.POST)
        return self._kept(form) if form.is_valid() else self.show(status=422, form=form)

    def _now(self) -> dict[str, str]:
        return {"language": translation.get_language() or "en", "zone": timezone.get_current_timezone_name()}

    def _kept(self, form: PreferencesForm) -> HttpResponse:
        answer = HttpResponseRedirect(reverse("console:preferences"))
        chosen = form.cleaned_data
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen["language"], max_age=YEAR, samesite="Lax")
        if chosen["zone"]:
            answer.set_cookie(COOKIE, chosen["zone"], max_age=YEAR, samesite="Lax")
        else:
            answer.delete_cookie(COOKIE, samesite="Lax")
        languages.keep(cast(User, self.request.user), chosen["language"])
        with translation.override(chosen["language"]):
            messages.success(self.request, _("Saved in this browser."))
        return answer


def choose_language(request: HttpRequest) -> HttpResponseBase:
    """Django's own view behind the menu of languages, which keeps the choice for mail too."""
    answer: HttpResponseBase = set_language(request)
    if request.method == "POST" and isinstance(request.user, User):
        languages.keep(request.user, request.POST.get("language", ""))
    return answer
