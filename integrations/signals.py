"""News of `integrations`. The first two are sent after the commit of what they tell, so a receiver that looks finds it;
a receiver that fails is logged and spoils nothing."""

from django.dispatch import Signal

integration_status_changed = Signal()
"""The status of an integration is another one than before, whoever changed it (a run, the API, the admin).

Sender `Integration`. Arguments: `integration` (as saved), `before` and `after` (`IntegrationStatus` values). Why it
changed stands in `integration.last_error_message` where a run was the cause. A new integration sends nothing, and
neither does `QuerySet.update`.
"""

run_finished = Signal()
"""A run has its verdict: COMPLETED, FAILED, AWAITING_APPROVAL or CANCELLED; runs of webhooks and runs whose worker
died (FAILED) are told too. A plan is a run (`options["dryRun"]`).

Sender `JobExecution`. Arguments: `run` (as saved, with its counters) and `integration` (None only for a run without).
"""

type_mapped = Signal()
"""A resource type of an integration has its first mapping. Sent in the transaction that stores it, which a receiver
that fails undoes.

Sender `FieldMapping`. Arguments: `integration` and `resource_type`.
"""
