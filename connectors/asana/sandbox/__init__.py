"""The twin of Asana, and how the contract suite exercises the connector on it."""

from .twin import AsanaTwin

__all__ = ["AsanaTwin"]
