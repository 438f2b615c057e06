"""A new integration: tested, stored with its mappings, its webhook registered and its first sync begun."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from rest_framework.exceptions import ValidationError

from connectors.base import registry
from connectors.base.errors import ConfigError
from integrations.enums import IntegrationStatus, JobType
from integrations.mapping.errors import MappingError
from integrations.models import Integration, JobExecution
from integrations.services import DuplicateName, create_integration
from integrations.webhooks.secrets import new_secret
from records.models import Organization
from sync_engine.api import changing, connection, hooking, sharing, starting
from sync_engine.api.problems import mapping_problem


@dataclass(frozen=True)
class Created:
    """`run` is the first sync, None where somebody must sign in at the provider first; `registered` says whether the
    provider knows our address for its webhooks."""

    integration: Integration
    run: JobExecution | None
    registered: bool


def create(organization: Organization, given: dict[str, Any], who: str, *, as_plan: bool = False) -> Created:
    """`given` are arguments of `create_integration`. With `as_plan` the first sync waits for a person's approval.
    Raises `BadRequest` where the connection does not work, `ValidationError` naming the field at fault."""
    if Integration.objects.filter(organization=organization, name=given["name"]).exists():
        raise changing.taken(given["name"])
    known = connection.before_storing(_unsaved(given))
    if "account_id" in known:
        given = {**given, "settings": {**given.get("settings", {}), **connection.only_choices(_unsaved(given))}}
    try:
        with transaction.atomic():
            created = create_integration(
                organization,
                created_by=who,
                webhook_secret={"current": new_secret()},
                **known,
                **given,
            )
            sharing.refuse(created)
            run = _first_sync(created, as_plan) if created.status == IntegrationStatus.ACTIVE else None
    except DuplicateName as error:
        raise changing.taken(given["name"]) from error
    except ConfigError as error:
        raise ValidationError({"dataTypes": [error.message]}) from error
    except MappingError as error:
        raise mapping_problem(error, "mappings") from error
    return Created(created, run, run is not None and hooking.hook_up(created))


def _first_sync(integration: Integration, as_plan: bool) -> JobExecution:
    return starting.start(integration, cause="first sync", job_type=JobType.INITIAL_IMPORT, full=True, dry_run=as_plan)


def _unsaved(given: dict[str, Any]) -> Integration:
    """What the connection test needs of an integration that is not stored yet."""
    default = registry.get(given["type"].lower()).base_url
    wanted = ("type", "base_url", "auth_type", "credentials", "settings")
    chosen = {name: given[name] for name in wanted if name in given}
    return Integration(**{**chosen, "base_url": given.get("base_url") or default})
