"""Changing an integration: a changed connection is tested first, and stays with its account."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from rest_framework.exceptions import ValidationError

from connectors.base.errors import ConfigError
from integrations.enums import IntegrationStatus
from integrations.models import Integration
from integrations.services import map_new_types
from sync_engine.api import connection, sharing

CONNECTION = ("base_url", "auth_type", "credentials", "settings")
"""What the connection test depends on."""


def change(integration: Integration, given: dict[str, Any], who: str) -> None:
    """Sets what is given and leaves the rest. Raises API errors: 400 with the field at fault."""
    name = given.get("name", integration.name)
    others = Integration.objects.filter(organization=integration.organization_id).exclude(pk=integration.pk)
    if others.filter(name=name).exists():
        raise taken(name)
    for field, value in given.items():
        setattr(integration, field, value)
    if set(given) & set(CONNECTION):
        _same_account(integration)
        _mended(integration, given)
    with transaction.atomic():
        integration.save(update_fields=[*given, "status", "account_id", "updated_at"])
        if "data_types" in given:
            _map_new_types(integration, who)
        if set(given) & {*CONNECTION, "data_types", "sync_direction"}:
            sharing.refuse(integration)


def taken(name: str) -> ValidationError:
    sentence = f"There is already an integration named '{name}'. Choose another name."
    return ValidationError({"name": [sentence]}, code="duplicate_name")


def _same_account(integration: Integration) -> None:
    if connection.waits_for_sign_in(integration):
        return  # the sign-in looks at the account
    account = connection.accepted(integration).account
    if integration.account_id and integration.account_id != account.id:
        sentence = "These credentials belong to another account. Make an integration of its own for it."
        raise ValidationError({"credentials": [sentence]})
    integration.account_id = account.id


def _mended(integration: Integration, given: dict[str, Any]) -> None:
    """A connection that works again ends the error by itself, unless the caller says what the status shall be."""
    if integration.status == IntegrationStatus.ERROR and "status" not in given:
        integration.status = IntegrationStatus.ACTIVE


def _map_new_types(integration: Integration, who: str) -> None:
    try:
        map_new_types(integration, created_by=who)
    except ConfigError as error:
        raise ValidationError({"dataTypes": [error.message]}) from error
