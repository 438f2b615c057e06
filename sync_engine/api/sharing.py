"""One list at a provider is kept in step by one integration: a second one that writes would make each record of the
first once more, and the first would take the copies in. Refused where people set integrations up."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import orjson
from rest_framework.exceptions import ValidationError

from connectors.base.errors import ConfigError
from integrations.connect import connect
from integrations.enums import AuthenticationType, SyncDirection
from integrations.mapping.errors import MappingError
from integrations.models import Integration
from sync_engine import build
from sync_engine.ports import ports


def refuse(integration: Integration) -> None:
    """Raises 400 on `settings` if another integration of the organization syncs a list that this one is to sync, and
    one of the two writes there."""
    mine = _places(integration)
    others = Integration.objects.filter(organization=integration.organization_id, type=integration.type)
    for other in others.exclude(pk=integration.pk).order_by("name") if mine else ():
        if not (_writes(integration) or _writes(other)):
            continue
        if shared := sorted(mine.keys() & _places(other).keys()):
            kind = mine[shared[0]]
            raise ValidationError({"settings": [_sentence(kind, other.name)]}, code="shared_place")


def _sentence(kind: str, other: str) -> str:
    return (
        f"'{other}' syncs the same {kind} records already. Two integrations that write to one place make everything "
        f"twice. Choose another place, or change '{other}'."
    )


def _places(integration: Integration) -> Mapping[str, str]:
    """Each list of records of its own that the integration syncs -> what people call those records."""
    try:
        connector = connect(integration, clock=ports().clock)
        made = build.shapes(integration, connector)
        lists = [(connector.place(one.resource), one) for one in made if one.resource.writable]
    except (ConfigError, MappingError):
        return {}  # it syncs nothing as it stands
    where, account = integration.base_url.rstrip("/"), _account(integration)
    return {
        f"{where} {place or f'{account} {one.resource.path}'}": one.sync_type.label.lower()
        for place, one in lists
        if place or account
    }


def _account(integration: Integration) -> str:
    """Who signed in, or whoever the credentials are of; "" before the sign-in."""
    if integration.auth_type == AuthenticationType.OAUTH2:
        return str(integration.account_id)
    return sha256(orjson.dumps(dict(integration.credentials), option=orjson.OPT_SORT_KEYS)).hexdigest()


def _writes(integration: Integration) -> bool:
    return bool(integration.sync_direction != SyncDirection.EXTERNAL_TO_LOCAL)
