"""The last step: from a draft to an integration whose first sync is a plan that a person approves."""

from __future__ import annotations

from dataclasses import dataclass

from console.wizard import drafts
from integrations.models import Integration, IntegrationDraft, JobExecution
from sync_engine.api import creating
from sync_engine.api.serializers.integrations import endpoint_of


@dataclass(frozen=True)
class Made:
    """`run` is the plan of the first sync, None where somebody signs in first. `secret` is shown once."""

    integration: Integration
    run: JobExecution | None
    endpoint: str
    secret: str
    registered: bool


def create(draft: IntegrationDraft, who: str) -> Made:
    """Raises what `sync_engine.api.creating` raises, each with a sentence for a person."""
    made = creating.create(draft.organization, drafts.given(draft), who, as_plan=True)
    draft.delete()
    secret = made.integration.webhook_secret["current"]
    return Made(made.integration, made.run, endpoint_of(made.integration), secret, made.registered)
