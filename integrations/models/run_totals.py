"""What an integration's runs add up to since it was made."""

from __future__ import annotations

from django.db import models

from .integration import Integration


class RunTotals(models.Model):
    """Runs that ended, those of them that went through, and records that were synced. The database itself keeps the
    row, by triggers on the table of runs (migration 0017): runs are kept for ever, and no page counts years of them."""

    integration = models.OneToOneField(
        Integration, on_delete=models.CASCADE, primary_key=True, related_name="run_totals"
    )
    total = models.BigIntegerField(default=0)
    good = models.BigIntegerField(default=0)
    records = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.good} of {self.total} runs, {self.records} records"
