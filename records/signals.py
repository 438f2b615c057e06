"""News of `records`."""

from django.dispatch import Signal

local_change_written = Signal()
"""Sent after a commit that wrote `LocalChange` rows, once per transaction and organization.

Arguments: `organization_id` (str), `resource_types` (frozenset of catalog keys), `watched` (bool: some of them
are kept for somebody who watches the type). A change undone by a
savepoint may still be named: receivers look into the outbox, they do not trust the list.
"""
