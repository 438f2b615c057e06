"""Which authorization server an integration signs in at, and as which client."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from connectors.base import registry
from connectors.base import transport as real
from connectors.base.auth import OAuth2, OAuth2Config
from connectors.base.errors import ConfigError
from connectors.base.http import Transport
from connectors.base.oauth import OAuthClient, OAuthProvider, is_moved, located
from connectors.base.ports import Clock
from integrations.models import Integration

CALLBACK = "/api/oauth/callback"


def redirect_uri(key: str) -> str:
    """Where the provider sends people back: one address per provider, to be entered in its app settings. So an
    answer of one provider is never taken for that of another."""
    return f"{settings.WEBHOOK_BASE_URL.rstrip('/')}{CALLBACK}/{key}"


def config_of(integration: Integration) -> OAuth2Config:
    """Raises `ConfigError` where the provider has no OAuth2."""
    cls = registry.get(integration.connector_key)
    config = cls.oauth(integration.settings)
    if config is None:
        raise ConfigError(f"{cls.label} is not connected by OAuth 2. Choose another way to authenticate.")
    return located(
        config,
        cls.base_url,
        integration.base_url or cls.base_url,
        integration.settings,
        allow_private=settings.ALLOW_PRIVATE_HOSTS,
    )


def needs_person(integration: Integration) -> bool:
    """Whether somebody must sign in before there is anything to talk with."""
    return integration.auth_type == "OAUTH2" and config_of(integration).grant == "authorization_code"


def house_client(integration: Integration) -> dict[str, Any]:
    """The app of the setting OAUTH_CLIENTS, {} = there is none that may be used here: its secret is sent to the
    provider's own address only, never to one that a setting of the integration names."""
    cls = registry.get(integration.connector_key)
    fixed = next((kind.config.token_url for kind in cls.auth if isinstance(kind, OAuth2)), "{")
    if "{" in fixed or is_moved(cls.base_url, integration.base_url):
        return {}
    return dict(settings.OAUTH_CLIENTS.get(integration.connector_key, {}))


def client_credentials(integration: Integration) -> dict[str, Any]:
    """`client_id` and `client_secret`: the integration's own, else those of the house."""
    own = dict(integration.credentials)
    return own if own.get("client_id") else {**house_client(integration), **own}


def provider_of(integration: Integration, clock: Clock, transport: Transport | None = None) -> OAuthProvider:
    """Raises `ConfigError` where there is no client ID."""
    cls = registry.get(integration.connector_key)
    known = client_credentials(integration)
    if not known.get("client_id"):
        raise ConfigError(
            f"{cls.label} needs the client ID and the client secret of your app there. Enter them as credentials; "
            f"the app's redirect URL is {redirect_uri(cls.key)}"
        )
    return OAuthProvider(
        config_of(integration),
        OAuthClient(str(known["client_id"]), str(known.get("client_secret", ""))),
        redirect_uri=redirect_uri(cls.key),
        transport=transport or real.shared(settings.ALLOW_PRIVATE_HOSTS),
        clock=clock,
        label=cls.label,
    )
