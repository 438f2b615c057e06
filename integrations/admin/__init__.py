"""The plain admin of this floor, a file per subject."""

from integrations.admin import alerts
from integrations.admin.syncing import IntegrationAdmin

__all__ = ["IntegrationAdmin", "alerts"]
