"""Reads of integrations that several surfaces share."""

from __future__ import annotations

from uuid import UUID

from integrations.models import Integration


class UnknownIntegration(LookupError):
    """No integration of that name or id, or several of that name."""


def find_integration(name_or_id: str) -> Integration:
    """By id, else by name. Raises `UnknownIntegration` with what exists."""
    try:
        return Integration.objects.get(pk=UUID(name_or_id))
    except (ValueError, Integration.DoesNotExist):
        found = list(Integration.objects.filter(name=name_or_id)[:2])
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownIntegration(f"Several organizations have an integration '{name_or_id}'. Give its id.")
    names = ", ".join(f"'{name}'" for name in Integration.objects.values_list("name", flat=True)[:20])
    raise UnknownIntegration(f"There is no integration '{name_or_id}'. There are: {names or 'none yet'}.")
