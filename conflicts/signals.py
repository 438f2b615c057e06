"""News of conflicts, for whoever notifies or automates."""

from django.dispatch import Signal

conflict_opened = Signal()
"""Arguments: `conflict`, a `ConflictResolution` that was just opened."""
