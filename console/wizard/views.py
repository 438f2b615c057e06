"""Adding an integration in five steps. A step that passed can be gone back to; nothing exists before the last."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from rest_framework.exceptions import APIException

from connectors.base import registry
from connectors.base.errors import ConfigError
from console.pages import Action, Page
from console.wizard import cards, creating, drafts, forms
from console.wizard.rules import rules_of
from integrations.enums import AuthenticationType
from integrations.models import IntegrationDraft
from integrations.oauth import attempts
from sync_engine.ports import ports

STEPS: tuple[tuple[str, Any], ...] = (
    ("choose", gettext_lazy("Tool")),
    ("basics", gettext_lazy("Name and address")),
    ("credentials", gettext_lazy("Credentials")),
    ("sync", gettext_lazy("What to sync")),
    ("review", gettext_lazy("Review")),
)


class Choose(Page):
    """Step 1: which tool."""

    template_name = "console/wizard/choose.html"
    title = gettext_lazy("Add integration")

    def parents(self) -> Iterable[tuple[Any, str]]:
        yield _("Integrations"), reverse("console:integrations")

    def context(self) -> dict[str, Any]:
        unfinished = IntegrationDraft.objects.filter(owner_id=self.request.user.pk, organization__in=self.organizations)
        return {"cards": cards.cards(), "unfinished": unfinished[:5], "progress": progress("choose", None)}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = request.POST.get("type", "")
        organization = self.organizations.first()
        if key not in {card.key for card in cards.cards()} or organization is None:
            raise Http404
        draft = IntegrationDraft(owner_id=request.user.pk or 0, organization=organization, type=key.upper())
        drafts.begin(draft)
        return HttpResponseRedirect(reverse("console:add-basics", args=[draft.pk]))


class Step(Page):
    """One of the steps after the first; knows the draft of the address."""

    key: ClassVar[str]

    @cached_property
    def draft(self) -> IntegrationDraft:
        own = IntegrationDraft.objects.filter(owner_id=self.request.user.pk, organization__in=self.organizations)
        return get_object_or_404(own, pk=self.kwargs["draft"])

    def heading(self) -> Any:
        return _("Add %(tool)s") % {"tool": registry.get(self.draft.type.lower()).label}

    def parents(self) -> Iterable[tuple[Any, str]]:
        yield _("Integrations"), reverse("console:integrations")
        yield _("Add integration"), reverse("console:add")

    def context(self) -> dict[str, Any]:
        return {"draft": self.draft, "step": self.key, "progress": progress(self.key, self.draft)}


class Asks(Step):
    """A step with a form, made by `fill`; a valid one is kept, and the next step follows."""

    template_name = "console/wizard/step.html"
    following: ClassVar[str]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.show(form=self.fill())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.fill(request.POST)
        if not form.is_valid():
            return self.show(422, form=form)
        form.keep()
        wrong = self.check()
        self.draft.save()
        if wrong:
            return self.show(422, form=self.fill(), wrong=wrong)
        return HttpResponseRedirect(reverse(f"console:add-{self.following}", args=[self.draft.pk]))

    def fill(self, data: Any = None) -> forms.StepForm:
        raise NotImplementedError

    def check(self) -> str:
        """What is wrong with the draft after this step, or nothing."""
        return ""


class Basics(Asks):
    key, following = "basics", "credentials"

    def fill(self, data: Any = None) -> forms.StepForm:
        return forms.BasicsForm(self.draft, self.organizations, data)


class Credentials(Asks):
    """The connection is tested before anything is stored as an integration."""

    key, following = "credentials", "sync"
    template_name = "console/wizard/credentials.html"

    def fill(self, data: Any = None) -> forms.StepForm:
        return forms.CredentialsForm(self.draft, data)

    def check(self) -> str:
        return "" if signs_in(self.draft) else drafts.test(self.draft)

    def context(self) -> dict[str, Any]:
        return {**super().context(), "signs_in": signs_in(self.draft)}


class Sync(Asks):
    """What is synced and by which rules; projects and the like are picked among those that the account has."""

    key, following = "sync", "review"
    template_name = "console/wizard/sync.html"

    @cached_property
    def offered(self) -> drafts.Offered:
        return drafts.Offered() if signs_in(self.draft) else drafts.offered(self.draft)

    def fill(self, data: Any = None) -> forms.StepForm:
        form = forms.SyncForm(self.draft, self.offered.choices, data)
        for name in self.offered.hidden:
            del form.fields[forms.schema.PREFIX + name]
        return form

    def context(self) -> dict[str, Any]:
        return {**super().context(), "trouble": self.offered.trouble, "account": self.draft.answers.get("account")}


class Review(Step):
    """Everything at a glance; the connection is tested once more, with all settings."""

    key = "review"
    template_name = "console/wizard/review.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        missing = self._first_open()
        if missing:
            return HttpResponseRedirect(reverse(f"console:add-{missing}", args=[self.draft.pk]))
        wrong = "" if signs_in(self.draft) else drafts.test(self.draft)
        return self.show(wrong=wrong)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self._first_open():
            return self.get(request)
        try:
            made = creating.create(self.draft, self.who)
        except APIException as refused:
            return self.show(422, wrong=sentence(refused.detail))
        # Shown in answer to the form, and only then: the secret is shown once.
        return Made.as_view(made=made)(request)

    def _first_open(self) -> str:
        """The first step whose answers are missing; a draft can be entered by any address."""
        answers = self.draft.answers
        if "auth_type" not in answers:
            return "basics"
        if "account" not in answers and not signs_in(self.draft):
            return "credentials"
        return "" if "data_types" in answers else "sync"

    def context(self) -> dict[str, Any]:
        chosen = drafts.unsaved(self.draft)
        return {**super().context(), "chosen": chosen, "account": self.draft.answers.get("account"),
                "kinds": rules_of(self.draft), "signs_in": signs_in(self.draft)}  # fmt: skip


@method_decorator(never_cache, name="dispatch")
class Made(Page):
    """What was made: the way to the plan, and what the provider must know for webhooks."""

    template_name = "console/wizard/created.html"
    made: creating.Made | None = None

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        assert self.made is not None
        run = self.made.run
        address = reverse("console:run", args=[run.pk]) if run else ""
        return self.show(made=self.made, integration=self.made.integration, run_address=address)

    def heading(self) -> Any:
        return self.made.integration.name if self.made else ""

    def parents(self) -> Iterable[tuple[Any, str]]:
        yield _("Integrations"), reverse("console:integrations")


class SignIn(Action):
    """Sends the browser to the provider's consent page; it comes back to the integration's page."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        assert isinstance(request.user, User)  # the door let them in
        integration, session = self.integration(self.kwargs["pk"]), request.session.session_key or ""
        back = reverse("console:integration", args=[integration.pk])
        try:
            url = attempts.start(integration, request.user, session=session, clock=ports().clock, return_to=back)
        except ConfigError as error:
            messages.error(request, error.message)
            url = back
        return HttpResponseRedirect(url)


class Discard(Action):
    """A draft that is not wanted any more."""

    def act(self) -> Any:
        with transaction.atomic():
            own = IntegrationDraft.objects.filter(owner_id=self.request.user.pk, pk=self.kwargs["draft"])
            if not own.delete()[0]:
                raise Http404
        return _("The draft is gone.")

    def after(self) -> str:
        return reverse("console:add")


def sentence(detail: Any) -> str:
    """What an API's refusal says, without its field names."""
    if isinstance(detail, dict):
        detail = list(detail.values())
    return " ".join(map(sentence, detail)) if isinstance(detail, list) else str(detail)


def signs_in(draft: IntegrationDraft) -> bool:
    """True where a person signs in at the provider, which takes an integration to come back to."""
    return draft.answers.get("auth_type") == AuthenticationType.OAUTH2


def progress(current: str, draft: IntegrationDraft | None) -> list[dict[str, Any]]:
    """The row of steps: those before the current one lead back."""
    keys = [key for key, _label in STEPS]
    at = keys.index(current)
    return [
        {
            "label": label,
            "state": "done" if number < at else "current" if number == at else "open",
            "address": reverse(f"console:add-{key}", args=[draft.pk]) if draft and 0 < number < at else "",
        }
        for number, (key, label) in enumerate(STEPS)
    ]
