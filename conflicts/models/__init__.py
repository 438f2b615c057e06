"""Open and closed cases, decisions on many of them, and suggestions that nobody wants."""

from .bulk_decision import BulkDecision, BulkStep
from .conflict_resolution import ConflictResolution
from .dismissed_suggestion import DismissedSuggestion

__all__ = ["BulkDecision", "BulkStep", "ConflictResolution", "DismissedSuggestion"]
