"""Writing an entry."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from connectors.base.redaction import redact
from records.asking import Asker, asker
from records.models import AuditEntry

COMMAND = Asker(0, "command line", "command", "")


def record(
    action: str,
    target: Model,
    *,
    organization_id: Any = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    secrets: Iterable[str] = (),
    by: Asker | None = None,
) -> AuditEntry:
    """In the transaction of what it tells. `secrets` are values to be hidden wherever they stand; what stands under
    a secret's name is hidden anyway. Without a request it was the command line."""
    who = by or asker() or COMMAND
    hidden = tuple(secrets)
    return AuditEntry.objects.create(
        organization_id=organization_id,
        actor_id=who.user_id or None,
        actor=who.name[:150],
        via=who.via,
        address=who.address or None,
        action=action,
        target_type=target._meta.model_name or "",
        target_id=str(target.pk),
        target=str(target)[:255],
        before=_plain(before, hidden),
        after=_plain(after, hidden),
    )


def _plain(values: Mapping[str, Any] | None, secrets: tuple[str, ...]) -> Any:
    if values is None:
        return None
    text = json.dumps(values, cls=DjangoJSONEncoder, ensure_ascii=False).replace("\\u0000", "")
    return redact(json.loads(text), secrets)
