"""An integration that a person is setting up in the console."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from integrations.fields import EncryptedJSONField
from records.ids import new_uuid


class IntegrationDraft(models.Model):
    """What was entered so far, step by step. `answers` holds names of `Integration`'s fields, and `account` once the
    connection was tested; the credentials lie in an encrypted column, as they do later."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    organization = models.ForeignKey("records.Organization", on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    type = models.CharField(max_length=40)
    answers = models.JSONField(default=dict)
    credentials = EncryptedJSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-updated_at",)

    def __str__(self) -> str:
        return str(self.answers.get("name") or self.type)
