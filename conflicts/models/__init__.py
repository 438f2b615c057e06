"""Open and closed cases, and decisions on many of them."""

from .bulk_decision import BulkDecision, BulkStep
from .conflict_resolution import ConflictResolution

__all__ = ["BulkDecision", "BulkStep", "ConflictResolution"]
