"""What becomes of a draft: a connection that can be tried, choices that the provider offers, and the integration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from connectors.base import registry
from connectors.base.errors import AuthError, ConnectorError
from console.wizard import schema
from integrations.connect import connect
from integrations.models import Integration, IntegrationDraft
from sync_engine.api import connection
from sync_engine.ports import ports
from sync_engine.running.runs import sentence_for

KEPT = timedelta(days=7)
"""How long an unfinished draft waits for its owner."""
FIELDS = (
    "name", "base_url", "auth_type", "settings", "sync_direction", "sync_frequency", "data_types", "conflict_strategy",
    "on_external_delete", "on_local_delete",
)  # fmt: skip


def begin(draft: IntegrationDraft) -> None:
    """Stores a new draft; those that its owner gave up long ago go."""
    IntegrationDraft.objects.filter(owner=draft.owner, updated_at__lt=timezone.now() - KEPT).delete()
    draft.save()


def given(draft: IntegrationDraft) -> dict[str, Any]:
    """The draft as the arguments of `create_integration`, and as the fields of an integration."""
    answers = {name: draft.answers[name] for name in FIELDS if name in draft.answers}
    return {"type": draft.type, "credentials": dict(draft.credentials), **answers}


def unsaved(draft: IntegrationDraft) -> Integration:
    return Integration(organization=draft.organization, **given(draft))


def test(draft: IntegrationDraft) -> str:
    """Calls the provider with what was entered and notes who answered. Returns what is wrong, or nothing."""
    try:
        tested = connection.probe(unsaved(draft))
    except AuthError as error:
        draft.answers.pop("account", None)
        return _("The provider refused these credentials: %(words)s") % {"words": error.message}
    except ConnectorError as error:
        draft.answers.pop("account", None)
        return sentence_for(error)
    account = tested.account
    draft.answers["account"] = {"id": account.id, "name": account.name, "milliseconds": tested.milliseconds}
    return ""


@dataclass
class Offered:
    """Setting to what the provider has to choose from; `hidden` cannot be chosen yet; `trouble` is what it said."""

    choices: dict[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    hidden: list[str] = field(default_factory=list)
    trouble: str = ""


def offered(draft: IntegrationDraft) -> Offered:
    """Asks the provider what there is to choose."""
    found = Offered()
    cls = registry.get(draft.type.lower())
    connector = connect(unsaved(draft), clock=ports().clock)
    for name in schema.properties(cls, before_test=False):
        try:
            choices = connector.choices(name)
        except ConnectorError as error:
            found.trouble = sentence_for(error)
            continue
        if choices:
            found.choices[name] = choices
        elif choices is not None and name not in cls.settings_schema.get("required", ()):
            found.hidden.append(name)
    return found
