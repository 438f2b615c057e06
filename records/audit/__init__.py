"""The audit log: what people did, by console, API and command.

    record(...)   writes an entry
    watch(...)    has entries written whenever somebody saves or deletes a row of a model

What workers do by themselves is not here: every one of their writes has its `SyncLog`.
"""

from records.audit.log import record
from records.audit.watching import made_or_changed, watch

__all__ = ["made_or_changed", "record", "watch"]
