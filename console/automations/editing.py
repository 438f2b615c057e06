"""Making and changing a rule: a form that is drawn anew as choices are made, or the document as text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import services
from automations.errors import DocumentError
from automations.models import Rule
from console.automations.draft import Draft, TooNested, of_document
from console.automations.inputs import action_rows, condition_rows, trigger_inputs
from console.automations.posted import draft_of
from console.automations.rules import rules_of
from console.pages import Page
from records.models import Organization

REDRAWS = ("redraw", "add-condition", "add-action", "remove-condition", "remove-action")


class RuleForm(forms.Form):
    """What a rule has besides its document."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    description = forms.CharField(label=gettext_lazy("What it is for"), required=False, max_length=2_000)
    max_per_minute = forms.IntegerField(
        label=gettext_lazy("Most firings a minute"),
        min_value=0,
        max_value=100_000,
        initial=120,
        help_text=gettext_lazy("More than that wait for the next minutes; 0 = no limit."),
    )
    enabled = forms.BooleanField(label=gettext_lazy("Switched on"), required=False, initial=True)


class Editor(Page):
    """The form, in rows; with `?as=text` the document as text. `errors` of the document stand at their inputs."""

    template_name = "console/automations/edit.html"

    @cached_property
    def errors(self) -> dict[str, list[str]]:
        """Of the document, by place."""
        return {}

    @cached_property
    def rule(self) -> Rule | None:
        pk = self.kwargs.get("pk")
        return None if pk is None else get_object_or_404(rules_of(self.request), pk=pk)

    @cached_property
    def organization(self) -> Organization:
        """The rule's; for a new one the one that was chosen, or the only one."""
        if self.rule is not None:
            return self.rule.organization
        asked = self.request.POST.get("organization") or self.request.GET.get("organization") or ""
        mine = list(self.organizations.order_by("name")[:200])
        if not mine:
            raise Http404
        return next((one for one in mine if str(one.pk) == asked), mine[0])

    def heading(self) -> Any:
        return _("Change rule") if self.rule else _("New rule")

    def parents(self) -> Iterable[tuple[Any, str]]:
        yield _("Rules"), reverse("console:rules")
        if self.rule is not None:
            yield self.rule.name, reverse("console:rule", args=[self.rule.pk])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        as_text = "text" in request.GET.get("as", "")
        draft = Draft()
        if self.rule is not None and not as_text:
            try:
                draft = of_document(self.rule.document)
            except TooNested:
                return HttpResponseRedirect("?as=text&nested=1")
        document = self.rule.document if self.rule else draft.document()
        return self.show(**self._shown(RuleForm(initial=self._initial()), draft, document if as_text else None))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if any(name in request.POST for name in REDRAWS):
            typed = {**request.POST.dict(), "enabled": "enabled" in request.POST}
            return self.show(**self._shown(RuleForm(initial=typed), draft_of(request.POST)))
        return self._save(request.POST)

    def _save(self, posted: QueryDict) -> HttpResponseBase:
        form, draft = RuleForm(posted), Draft()
        text = posted.get("document")
        if text is None:
            draft = draft_of(posted)
        try:
            document = draft.document() if text is None else json.loads(text)
            if form.is_valid():
                return HttpResponseRedirect(reverse("console:rule", args=[self._stored(form, document).pk]))
            services.checked(self.organization, document)
        except DocumentError as error:
            self.errors.update(error.by_path())
        except services.DuplicateRule as error:
            form.add_error("name", str(error))
        except (json.JSONDecodeError, RecursionError) as error:
            self.errors["document"] = [_("This is not JSON: %(error)s") % {"error": error}]
        return self.show(422, **self._shown(form, draft, text))

    def _stored(self, form: RuleForm, document: Any) -> Rule:
        fields = form.cleaned_data
        if self.rule is None:
            return services.create_rule(self.organization, document=document, saved_by=self.who, **fields)
        return services.change_rule(self.rule, document=document, saved_by=self.who, **fields)

    def _initial(self) -> dict[str, Any]:
        names = ("name", "description", "max_per_minute", "enabled")
        return {name: getattr(self.rule, name) for name in names} if self.rule else {}

    def _shown(self, form: RuleForm, draft: Draft, document: Any = None) -> dict[str, Any]:
        common = {"form": form, "rule": self.rule, "organization": self.organization, "errors": self.errors}
        if document is not None:
            text = document if isinstance(document, str) else json.dumps(document, indent=2, ensure_ascii=False)
            places = [(place, said) for place, all_said in self.errors.items() for said in all_said]
            return {**common, "as_text": True, "text": text, "places": places, "nested": "nested" in self.request.GET}
        several = self.rule is None and self.organizations.count() > 1
        draft.document()  # tells the rows their places, at which errors are shown
        return {
            **common,
            "organizations": self.organizations.order_by("name")[:200] if several else (),
            "trigger": list(trigger_inputs(draft, self.organization, self.errors)),
            "conditions": condition_rows(draft, self.errors),
            "actions_": action_rows(draft, self.organization, self.errors),
            "general": self.errors.get("conditions", ()),
        }
