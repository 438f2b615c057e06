"""The tenant and who belongs to it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from records.ids import new_uuid


class Organization(models.Model):
    """Every record and every integration belongs to exactly one."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    name = models.CharField(max_length=255)
    slug = models.SlugField(max_length=100, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A user of an organization. What the user may do there is said by Django groups."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organization", "user"), name="records_membership_once"),)

    def __str__(self) -> str:
        return f"{self.user} in {self.organization}"
