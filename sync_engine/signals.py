"""News of the engine, for whoever automates."""

from django.dispatch import Signal

webhook_accepted = Signal()
"""A webhook was accepted and stored for the first time. Arguments: `integration`, `delivery_id` (int). Sent after the
commit, so it may be lost with the process: the delivery's row is the truth."""
