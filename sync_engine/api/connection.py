"""Testing a connection, and what each outcome is answered with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rest_framework.exceptions import APIException, ValidationError

from connectors.base.connector import Connector
from connectors.base.errors import AuthError, ConfigError, ConnectorError, Rejected
from connectors.base.records import Account
from integrations.connect import connect
from integrations.enums import IntegrationStatus
from integrations.models import Integration, OAuthGrant
from integrations.oauth.providers import needs_person, provider_of
from integrations.oauth.tokens import NOT_YET
from records.api.errors import BadRequest, CredentialsRefused, Unreachable
from sync_engine.ports import ports
from sync_engine.running.runs import sentence_for


@dataclass(frozen=True)
class Tested:
    """`milliseconds` that the call took."""

    account: Account
    milliseconds: int


def probe(integration: Integration) -> Tested:
    """Calls the provider once. Raises `ConnectorError`."""
    clock = ports().clock
    started = clock.monotonic()
    account = connect(integration, clock=clock).test()
    return Tested(account, round((clock.monotonic() - started) * 1000))


def accepted(integration: Integration) -> Tested:
    """As `probe`, for a configuration that is to be stored: R1 answers 400 to whatever does not work."""
    try:
        return probe(integration)
    except AuthError as error:
        raise BadRequest(f"The credentials were refused: {error.message}", "invalid_credentials") from error
    except ConnectorError as error:
        raise BadRequest(f"The connection does not work: {error.message}", "connection_failed") from error


def before_storing(integration: Integration) -> dict[str, Any]:
    """What a new integration starts with: the account of a connection that was tested, or, where somebody must sign
    in first, the sentence that says so."""
    try:
        if needs_person(integration):
            provider_of(integration, ports().clock)
            return {"status": IntegrationStatus.ERROR, "last_error_message": NOT_YET}
    except ConfigError as error:
        raise BadRequest(error.message, "invalid_credentials") from error
    return {"account_id": accepted(integration).account.id}


def only_choices(integration: Integration) -> dict[str, Any]:
    """Settings that the connector cannot do without and that nobody gave (R1's bodies have none): taken where the
    account offers a single one. Raises 400 with the choices where it offers others."""
    connector = connect(integration, clock=ports().clock)
    found: dict[str, Any] = {}
    for name in connector.settings_schema.get("required", ()):
        choices = None if name in integration.settings else _offered(connector, name)
        if choices is not None and len(choices) == 1:
            found[name] = choices[0][0]
        elif choices is not None:
            raise ValidationError({"settings": [_which(name, choices)]})
    return found


def _offered(connector: Connector, name: str) -> list[tuple[str, str]] | None:
    try:
        return connector.choices(name)
    except ConnectorError as error:
        raise BadRequest(f"The connection does not work: {error.message}", "connection_failed") from error


def _which(name: str, choices: list[tuple[str, str]]) -> str:
    shown = ", ".join(f"{key} ({label})" if label else key for key, label in choices[:20])
    return f"Say which {name}, as settings.{name}. This account has: {shown or 'none'}."


def waits_for_sign_in(integration: Integration) -> bool:
    """True until somebody has signed in at the provider: there is nothing to test with. Raises 400 where the
    provider cannot be connected so."""
    try:
        return needs_person(integration) and not OAuthGrant.objects.filter(integration=integration).exists()
    except ConfigError as error:
        raise BadRequest(error.message, "connection_failed") from error


def refusal(error: ConnectorError) -> APIException:
    """R1's statuses of a connection test: 401 credentials, 400 nothing that we can talk to, 502 no answer."""
    sentence = sentence_for(error)
    if isinstance(error, AuthError):
        return CredentialsRefused(sentence)
    if isinstance(error, ConfigError | Rejected):
        return BadRequest(sentence, "incompatible")
    return Unreachable(sentence)
