"""An address that others subscribed to events."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from fernet_fields import EncryptedTextField

from integrations.fields import EncryptedJSONField
from records.ids import new_uuid
from records.models import Organization


class Hook(models.Model):
    """The address is a credential where it belongs to Zapier or Make, so it is encrypted; `url_digest` finds it again
    and `url_hint` is what people are shown.

    events       `task.updated`, `task.*`, `*`; none = only rules send to it
    conditions   as in rules, of the record that an event is about; they ask for exactly one type of records
    secret       {"current", "previous", "previous_until"}
    failures     attempts in a row that were not accepted, since `failing_since`
    taken_by     worker that sends at the moment, until `taken_until` at the latest: one at a time, so in order
    not_before   nothing is sent earlier: the receiver is given time to recover
    skip_own     leave out what the subscriber's user changed through the API, so that a workflow does not hear itself
    """

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", _("Active")
        PAUSED = "PAUSED", _("Paused by a person")
        DISABLED = "DISABLED", _("Switched off after repeated failure")
        GONE = "GONE", _("The receiver says that it is gone")

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="hooks")
    description = models.CharField(_("description"), max_length=200, blank=True, default="")
    url = EncryptedTextField()
    url_digest = models.CharField(max_length=64, editable=False)
    url_hint = models.CharField(max_length=120, editable=False)
    events = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    conditions = models.JSONField(default=dict, blank=True)
    secret = EncryptedJSONField(default=dict, blank=True)
    skip_own = models.BooleanField(_("leave out changes by the subscriber"), default=False)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.ACTIVE)
    status_reason = models.TextField(blank=True, default="", editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    not_before = models.DateTimeField(null=True, blank=True, editable=False)
    taken_by = models.CharField(max_length=40, blank=True, default="", editable=False)
    taken_until = models.DateTimeField(null=True, blank=True, editable=False)
    last_status = models.PositiveIntegerField(null=True, blank=True, editable=False)
    last_sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("outgoing webhook")
        verbose_name_plural = _("outgoing webhooks")
        indexes = (
            models.Index(fields=("organization",), name="automations_hook_active", condition=Q(status="ACTIVE")),
            models.Index(fields=("organization", "url_digest"), name="automations_hook_url"),
        )
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return self.description or self.url_hint
