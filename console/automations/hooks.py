"""Outgoing webhooks: who is told of what, how that goes, and what was sent."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import waking
from automations.errors import DocumentError
from automations.happenings import event_types
from automations.hooks import services
from automations.models import Hook, HookDelivery
from console.pages import Action, Page, Refused
from console.paging import paged
from records import catalog
from records.models import Organization
from records.roles import organizations_of

MOST = 500


def hooks_of(request: HttpRequest) -> QuerySet[Hook]:
    """Those of the viewer's organizations."""
    return Hook.objects.filter(organization__in=organizations_of(request)).select_related("organization")


class HookForm(forms.Form):
    """Where to send, and what."""

    organization = forms.ModelChoiceField(queryset=Organization.objects.none(), label=gettext_lazy("Organization"))
    url = forms.CharField(label=gettext_lazy("Address"), max_length=2_000)
    description = forms.CharField(
        label=gettext_lazy("What it is for"), max_length=200, required=False,
        help_text=gettext_lazy("How it is listed, for example “n8n: new jobs”."),
    )  # fmt: skip
    events = forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        required=False,
        help_text=gettext_lazy("Without one, only rules send something there."),
    )
    skip_own = forms.BooleanField(
        label=gettext_lazy("Leave out what the subscriber changed through the API"), required=False
    )

    def __init__(self, organizations: QuerySet[Organization], hook: Hook | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        events = self.fields["events"]
        assert isinstance(events, forms.MultipleChoiceField)
        events.choices = _events()
        if hook is not None:
            del self.fields["organization"]
            self.fields["url"].required = False
            self.fields["url"].help_text = _("Empty keeps %(target)s.") % {"target": hook.url_hint}
            return
        chosen = self.fields["organization"]
        assert isinstance(chosen, forms.ModelChoiceField)
        chosen.queryset = organizations.order_by("name")
        if organizations.count() == 1:
            chosen.initial, chosen.widget = organizations.get().pk, forms.HiddenInput()


def _events() -> list[tuple[str, Any]]:
    whole = [(f"{one.key}.*", _("%(type)s: everything") % {"type": one.label}) for one in catalog.all_types()]
    return [("*", _("Everything")), *whole, *((event, event) for event in event_types())]


class Hooks(Page):
    """All of them, with how they are doing."""

    template_name = "console/automations/hooks.html"
    title = gettext_lazy("Outgoing webhooks")

    def context(self) -> dict[str, Any]:
        return {"hooks": list(hooks_of(self.request)[:MOST])}


class HookPage(Page):
    """A page about the webhook of the address."""

    @cached_property
    def hook(self) -> Hook:
        return get_object_or_404(hooks_of(self.request), pk=self.kwargs["pk"])

    def heading(self) -> Any:
        return str(self.hook)

    def parents(self) -> Iterable[tuple[Any, str]]:
        yield _("Outgoing webhooks"), reverse("console:hooks")


class OneHook(HookPage):
    """What it is told, its state, and its messages. A new secret is shown once, in answer to the form that made it."""

    template_name = "console/automations/hook.html"

    def context(self) -> dict[str, Any]:
        rows = HookDelivery.objects.filter(hook=self.hook).defer("body", "tries")
        state = self.request.GET.get("status", "")
        chosen = rows.filter(status=state) if state in HookDelivery.Status.values else rows
        page = paged(chosen, self.request.GET)
        waits = any(one.status == HookDelivery.Status.WAITING for one in page)
        return {
            "hook": self.hook,
            "page": page,
            "state": state,
            "states": HookDelivery.Status.choices,
            "seconds": 5 if waits else 30,
        }


class EditHook(Page):
    """The form, for a new webhook and for one that is there."""

    template_name = "console/automations/hook_edit.html"

    @cached_property
    def hook(self) -> Hook | None:
        pk = self.kwargs.get("pk")
        return None if pk is None else get_object_or_404(hooks_of(self.request), pk=pk)

    def heading(self) -> Any:
        return _("Change webhook") if self.hook else _("New webhook")

    def parents(self) -> Iterable[tuple[Any, str]]:
        yield _("Outgoing webhooks"), reverse("console:hooks")

    def form(self, *args: Any) -> HookForm:
        names = ("description", "events", "skip_own")
        initial = {name: getattr(self.hook, name) for name in names} if self.hook else {}
        return HookForm(self.organizations, self.hook, *args, initial=initial)

    def context(self) -> dict[str, Any]:
        return {"form": self.form(), "hook": self.hook}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.form(request.POST)
        if form.is_valid():
            try:
                return self._changed(form.cleaned_data) if self.hook else self._made(**form.cleaned_data)
            except DocumentError as error:
                for problem in error.problems:
                    form.add_error({"targetUrl": "url"}.get(problem.path, problem.path), problem.message)
        return self.show(422, form=form)

    def _changed(self, given: dict[str, Any]) -> HttpResponseBase:
        assert self.hook is not None
        services.change(self.hook, **{**given, "url": given["url"] or None})
        return HttpResponseRedirect(reverse("console:hook", args=[self.hook.pk]))

    def _made(self, organization: Organization, url: str, events: list[str], **given: Any) -> HttpResponseBase:
        """The new webhook with its secret; sent twice, the form leads to the one that is there."""
        if same := services.subscribed(organization, url, events):
            return HttpResponseRedirect(reverse("console:hook", args=[same.pk]))
        hook, secret = services.subscribe(organization, url, events, created_by=self.request.user, **given)
        return with_secret(self.request, hook, secret)


def with_secret(request: HttpRequest, hook: Hook, secret: str) -> HttpResponseBase:
    """The page of the webhook with its new secret, this once."""
    page = OneHook()
    page.setup(request, pk=hook.pk)
    return page.show(secret=secret)


class OneDelivery(Page):
    """One message: every attempt, and the very text."""

    template_name = "console/automations/delivery.html"

    @cached_property
    def delivery(self) -> HookDelivery:
        mine = HookDelivery.objects.filter(hook__organization__in=self.organizations).select_related("hook")
        return get_object_or_404(mine, pk=self.kwargs["delivery"])

    def context(self) -> dict[str, Any]:
        return {"delivery": self.delivery}

    def heading(self) -> Any:
        return self.delivery.event

    def parents(self) -> Iterable[tuple[Any, str]]:
        yield _("Outgoing webhooks"), reverse("console:hooks")
        yield str(self.delivery.hook), reverse("console:hook", args=[self.delivery.hook_id])


class HookAction(Action):
    """Does something with the webhook of the address."""

    @cached_property
    def hook(self) -> Hook:
        return get_object_or_404(hooks_of(self.request), pk=self.kwargs["pk"])

    def after(self) -> str:
        return reverse("console:hook", args=[self.hook.pk])


class SwitchHook(HookAction):
    """Pause and resume."""

    def act(self) -> str:
        if self.request.POST.get("on") == "1":
            services.resume(self.hook)
            waking.read_soon()
            return _("It is on. What waited is sent now.")
        services.pause(self.hook)
        return _("It is paused: nothing is sent, and nothing new is noted for it.")


class NewSecret(HookAction):
    """Another secret, shown in answer and never again."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return with_secret(request, self.hook, services.rotate_secret(self.hook))


class TestHook(HookAction):
    """A message to try the receiver."""

    __test__ = False

    def act(self) -> str:
        try:
            services.ping(self.hook)
        except services.CannotReplay as error:
            raise Refused(str(error)) from error
        waking.read_soon()
        return _("A test message is on its way; below you see what becomes of it.")


class RemoveHook(HookAction):
    """Takes it away, with what was sent."""

    def act(self) -> str:
        self.hook.delete()
        return _("The webhook was removed.")

    def after(self) -> str:
        return reverse("console:hooks")


class Replay(Action):
    """Sends a message again."""

    def act(self) -> str:
        mine = HookDelivery.objects.filter(hook__organization__in=self.organizations).select_related("hook")
        try:
            services.replay(get_object_or_404(mine, pk=self.kwargs["delivery"]))
        except services.CannotReplay as error:
            raise Refused(str(error)) from error
        waking.read_soon()
        return _("It is sent again, under the same id.")
