"""What people start from the console: a run now, and the decision of a conflict.

The pages stand on the floors below; the buttons that call the engine are added here.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget

from conflicts.admin import ConflictResolutionAdmin
from conflicts.models import ConflictResolution
from connectors.base.errors import ConnectorError
from integrations.admin import IntegrationAdmin
from integrations.enums import RUNNABLE, ConflictStrategy
from integrations.mapping import MappingError
from integrations.mapping.errors import ConversionError
from integrations.models import Integration
from integrations.oauth import attempts, grants
from integrations.oauth.providers import needs_person
from records.services import InvalidValues
from sync_engine.ports import ports
from sync_engine.review.decisions import AlreadyDecided, CannotDecide, ConflictMoved, resolve
from sync_engine.review.standing import NotLinked
from sync_engine.running.leases import LeaseHeld
from sync_engine.running.runs import sentence_for

Kind = ConflictResolution.Kind
DECIDED_HERE = (Kind.FIELDS, Kind.DELETED_EXTERNALLY, Kind.DELETED_LOCALLY)


class RunnableIntegrationAdmin(IntegrationAdmin):
    actions = (*IntegrationAdmin.actions, "sync_now")
    actions_submit_line = ("sign_in",)
    readonly_fields = (*IntegrationAdmin.readonly_fields, "signed_in")

    def get_fieldsets(self, request: HttpRequest, obj: Integration | None = None) -> Any:
        whole = super().get_fieldsets(request, obj)
        return [*whole, (_("Sign-in at the provider"), {"fields": ("signed_in",)})] if _signs_in(obj) else whole

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """The button for those who sign in."""
        shown = _signs_in(self.model.objects.filter(pk=object_id).first()) if object_id else False
        return super().get_actions_submit_line(request, object_id) if shown else []

    @admin.display(description=_("state"))
    def signed_in(self, obj: Integration) -> str:
        found = grants.status(obj)
        if found.state != "CONNECTED":
            last = f" {found.last_attempt}" if found.last_attempt else ""
            return f"{found.message}{last} {_('Redirect URL of your app there:')} {found.redirect_uri}"
        return str(_("Connected by %(who)s.") % {"who": found.authorized_by})

    @action(description=_("Save and connect"), permissions=("change",))
    def sign_in(self, request: HttpRequest, obj: Integration) -> None:
        """Saves what was typed and leads to the provider's consent page."""
        assert request.user.is_authenticated  # the console lets nobody else in
        session = request.session.session_key or ""
        try:
            request.leads_to = attempts.start(  # type: ignore[attr-defined]
                obj, request.user, session=session, clock=ports().clock, return_to=request.path
            )
        except ConnectorError as error:
            messages.error(request, error.message)

    def response_change(self, request: HttpRequest, obj: Integration) -> HttpResponse:
        url = getattr(request, "leads_to", "")
        return HttpResponseRedirect(url) if url else super().response_change(request, obj)

    @admin.action(description="Sync now", permissions=("change",))
    def sync_now(self, request: HttpRequest, queryset: QuerySet[Integration]) -> None:
        """Queues a run of each; a worker does it."""
        from kombu.exceptions import OperationalError

        from sync_engine.tasks import sync

        for integration in queryset:
            if integration.status not in RUNNABLE:
                messages.warning(request, f"'{integration.name}' is {integration.status.lower()}. Resume it first.")
                continue
            try:
                sync.delay(str(integration.pk), {"cause": f"started by {request.user.get_username()}"})
            except OperationalError:
                messages.error(request, "The queue (REDIS_URL) does not answer, so nothing was started. Try again.")
                return
            messages.success(request, f"'{integration.name}' is being synced; see Job executions.")


def _signs_in(integration: Integration | None) -> bool:
    try:
        return integration is not None and needs_person(integration)
    except ConnectorError:
        return False


class DecisionForm(forms.ModelForm):
    """`merged` is what a person puts together: a JSON object of field to value."""

    merged = forms.JSONField(
        required=False,
        label="A value of your own",
        widget=UnfoldAdminTextareaWidget,
        help_text="For the third button: field to value, in our form. A field left out keeps what we have.",
    )

    class Meta:
        model = ConflictResolution
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "merged" in self.fields:
            self.fields["merged"].initial = {n: self.instance.local_data.get(n) for n in self._contested}

    @property
    def _contested(self) -> list[str]:
        return list(self.instance.conflicted_fields)

    def clean_merged(self) -> dict[str, Any]:
        found = self.cleaned_data["merged"] or {}
        if not isinstance(found, dict) or not set(found) <= set(self._contested):
            raise forms.ValidationError(f"Enter an object with these fields alone: {', '.join(self._contested)}.")
        return found


class DecidableConflictAdmin(ConflictResolutionAdmin):
    form = DecisionForm
    fields = (*ConflictResolutionAdmin.fields, "merged")
    actions_submit_line = ("keep_local", "keep_external", "keep_custom")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        whole = obj is None or obj.status != ConflictResolution.Status.PENDING or obj.kind != Kind.FIELDS
        return ConflictResolutionAdmin.fields if whole else self.fields

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """A decided case is looked at: no buttons."""
        is_open = self.model.objects.filter(pk=object_id, status=ConflictResolution.Status.PENDING).exists()
        return super().get_actions_submit_line(request, object_id) if is_open or request.method == "POST" else []

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """There is nothing to save but a decision."""
        context |= {"show_save": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: ConflictResolution, form: Any, change: bool) -> None:
        """The row itself is only written by the decision: it may have been brought up to date meanwhile."""
        for button in self.get_actions_submit_line(request, obj.pk):
            if button.action_name in request.POST:
                button.method(request, obj)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        decided = obj.status != ConflictResolution.Status.PENDING
        return super().log_change(request, obj, message) if decided else None

    def response_change(self, request: HttpRequest, obj: ConflictResolution) -> HttpResponse:
        """What became of the decision was said already."""
        return HttpResponseRedirect(request.path)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        request.merged = form.cleaned_data.get("merged") or {}  # type: ignore[attr-defined]
        return super().save_form(request, form, change)

    @action(description="Keep ours", permissions=("change",))
    def keep_local(self, request: HttpRequest, obj: ConflictResolution) -> None:
        self._decide(request, obj, ConflictStrategy.LOCAL_WINS)

    @action(description="Keep theirs", permissions=("change",))
    def keep_external(self, request: HttpRequest, obj: ConflictResolution) -> None:
        self._decide(request, obj, ConflictStrategy.EXTERNAL_WINS)

    @action(description="Use my own value", permissions=("change",))
    def keep_custom(self, request: HttpRequest, obj: ConflictResolution) -> None:
        if obj.kind != Kind.FIELDS:
            messages.error(request, "A deleted record is kept or let go as a whole: choose ours or theirs.")
            return
        self._decide(request, obj, ConflictStrategy.CUSTOM_MERGE, request.merged)  # type: ignore[attr-defined]

    def _decide(
        self, request: HttpRequest, obj: ConflictResolution, strategy: str, values: dict[str, Any] | None = None
    ) -> None:
        if obj.kind not in DECIDED_HERE:
            messages.error(request, "This one is not a choice between two values: link or create the record by hand.")
            return
        try:
            resolve(obj, strategy=strategy, values=values, resolved_by=request.user.get_username())
        except ConflictMoved as moved:
            moved.conflict.save(update_fields=["local_data", "external_data"])
            messages.warning(request, str(moved))
        except (AlreadyDecided, LeaseHeld, NotLinked) as error:
            messages.warning(request, str(error))
        except (CannotDecide, InvalidValues, ConversionError) as error:
            messages.error(request, f"Nothing was decided: {error}")
        except (ConnectorError, MappingError) as error:
            messages.error(request, f"Nothing was decided: {sentence_for(error)}")
        else:
            messages.success(request, "Decided. The other side is written by the next run.")


admin.site.unregister(Integration)
admin.site.register(Integration, RunnableIntegrationAdmin)
admin.site.unregister(ConflictResolution)
admin.site.register(ConflictResolution, DecidableConflictAdmin)
