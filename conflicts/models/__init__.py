"""Open and closed cases."""

from .conflict_resolution import ConflictResolution

__all__ = ["ConflictResolution"]
