"""From a stored integration to a connector that can talk: the one place where credentials are decrypted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings

from connectors.base import registry
from connectors.base.connector import Connector, Context
from integrations.budget import shared_budget
from integrations.enums import AuthenticationType
from integrations.models import Integration
from integrations.oauth.providers import client_credentials
from integrations.oauth.tokens import token_source

if TYPE_CHECKING:
    from connectors.base.context import Call
    from connectors.base.http import Transport
    from connectors.base.ports import Clock


def connect(
    integration: Integration,
    *,
    clock: Clock,
    transport: Transport | None = None,
    awaited: bool = False,
    on_call: Callable[[Call], None] | None = None,
) -> Connector:
    """`awaited` = a person waits for the answer; `on_call` is told of every request, without its secrets. Raises
    `ConfigError` for an unknown connector type."""
    cls = registry.get(integration.connector_key)
    signs_in = integration.auth_type == AuthenticationType.OAUTH2

    def save(credentials: Mapping[str, Any]) -> None:
        integration.credentials = dict(credentials)  # type: ignore[assignment]
        integration.save(update_fields=["credentials", "updated_at"])

    return cls(
        Context(
            base_url=integration.base_url,
            settings=integration.settings,
            credentials=client_credentials(integration) if signs_in else integration.credentials,
            clock=clock,
            budget=shared_budget(integration, cls.limits_for(integration.settings), clock),
            transport=transport,
            allow_private=settings.ALLOW_PRIVATE_HOSTS,
            save_credentials=save,
            auth_type=integration.auth_type,
            organization_id=str(integration.organization_id),
            integration_id=str(integration.pk),
            awaited=awaited,
            token=token_source(integration, clock) if signs_in else None,
            on_call=on_call,
        )
    )
