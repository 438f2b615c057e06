"""When something happens, then do something."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from records.ids import new_uuid
from records.models import Organization


class Rule(models.Model):
    """`document` holds trigger, conditions and actions (see `document`); `event` and `resource_type` repeat its
    trigger, so that rules are found by what happened. `preset` names a rule that Lockstep ships.

    `failures` counts firings that failed in a row; too many switch the rule off and `disabled_reason` says so.
    `last_due_at` is the last time for which a scheduled rule was looked at.
    """

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="rules")
    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), blank=True, default="")
    enabled = models.BooleanField(_("switched on"), default=True)
    document = models.JSONField(default=dict)
    event = models.CharField(max_length=40, editable=False)
    resource_type = models.CharField(max_length=50, blank=True, default="", editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    preset = models.CharField(max_length=60, blank=True, default="", editable=False)
    max_per_minute = models.PositiveIntegerField(
        _("most firings a minute"),
        default=120,
        help_text=_("More than that wait for the next minutes; 0 = no limit."),
    )

    failures = models.PositiveIntegerField(default=0, editable=False)
    disabled_reason = models.TextField(blank=True, default="", editable=False)
    last_fired_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.CharField(max_length=255, blank=True, default="", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        constraints = (
            models.UniqueConstraint(fields=("organization", "name"), name="automations_rule_name_once"),
            models.UniqueConstraint(
                fields=("organization", "preset"), name="automations_preset_once", condition=~Q(preset="")
            ),
        )
        indexes = (
            models.Index(
                fields=("organization", "resource_type"), name="automations_rule_watch", condition=Q(enabled=True)
            ),
        )
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
