"""The record-level table: what happens to a record as a whole. Data; tests execute every row.

link      none       the two sides are not known to be the same record
          live       linked
          tomb       linked once, deleted on both sides; kept so that nothing rises by accident
local     absent     no such local record
          same       present, equal to the base
          changed    present, differs from the base
          deleted    soft-deleted here
external  unknown    not read in this step
          absent     confirmed gone (a tombstone, or missing twice; never one partial read)
          same / changed
"""

from __future__ import annotations

from enum import Enum
from typing import Literal

Link = Literal["none", "live", "tomb"]
Local = Literal["absent", "same", "changed", "deleted"]
External = Literal["absent", "same", "changed"]


class Act(Enum):
    NOTHING = "nothing"
    CREATE_LOCAL = "create_local"
    CREATE_EXTERNAL = "create_external"
    FIELDS = "fields"
    """Compare field by field."""
    DELETE_LOCAL = "delete_local"
    DELETE_EXTERNAL = "delete_external"
    CLOSE = "close"
    """Both are gone: the link becomes a tombstone."""
    ASK_DELETED_EXTERNALLY = "ask_deleted_externally"
    ASK_DELETED_LOCALLY = "ask_deleted_locally"
    RESTORE_LOCAL = "restore_local"
    """Somebody restored it at the provider: restore it here too."""
    RECREATE_EXTERNAL = "recreate_external"
    """Somebody restored it here: create it again at the provider, under the same link."""
    IMPOSSIBLE = "impossible"
    """The link names a local record that is not there: repaired by creating it again under its id."""


TABLE: dict[tuple[Link, Local, External], Act] = {
    ("none", "absent", "absent"): Act.NOTHING,
    ("none", "absent", "same"): Act.CREATE_LOCAL,
    ("none", "absent", "changed"): Act.CREATE_LOCAL,
    ("none", "same", "absent"): Act.CREATE_EXTERNAL,
    ("none", "changed", "absent"): Act.CREATE_EXTERNAL,
    ("none", "deleted", "absent"): Act.NOTHING,
    # A pair matched by key at first contact: the fields are compared without a base.
    ("none", "same", "same"): Act.FIELDS,
    ("none", "same", "changed"): Act.FIELDS,
    ("none", "changed", "same"): Act.FIELDS,
    ("none", "changed", "changed"): Act.FIELDS,
    # A deleted local record is no match for anything.
    ("none", "deleted", "same"): Act.CREATE_LOCAL,
    ("none", "deleted", "changed"): Act.CREATE_LOCAL,
    ("live", "absent", "absent"): Act.CLOSE,
    ("live", "absent", "same"): Act.IMPOSSIBLE,
    ("live", "absent", "changed"): Act.IMPOSSIBLE,
    ("live", "same", "absent"): Act.DELETE_LOCAL,
    ("live", "same", "same"): Act.NOTHING,
    ("live", "same", "changed"): Act.FIELDS,
    ("live", "changed", "absent"): Act.ASK_DELETED_EXTERNALLY,
    ("live", "changed", "same"): Act.FIELDS,
    ("live", "changed", "changed"): Act.FIELDS,
    ("live", "deleted", "absent"): Act.CLOSE,
    ("live", "deleted", "same"): Act.DELETE_EXTERNAL,
    ("live", "deleted", "changed"): Act.ASK_DELETED_LOCALLY,
    ("tomb", "absent", "absent"): Act.NOTHING,
    ("tomb", "absent", "same"): Act.IMPOSSIBLE,
    ("tomb", "absent", "changed"): Act.IMPOSSIBLE,
    ("tomb", "same", "absent"): Act.RECREATE_EXTERNAL,
    ("tomb", "changed", "absent"): Act.RECREATE_EXTERNAL,
    ("tomb", "deleted", "absent"): Act.NOTHING,
    ("tomb", "same", "same"): Act.FIELDS,
    ("tomb", "same", "changed"): Act.FIELDS,
    ("tomb", "changed", "same"): Act.FIELDS,
    ("tomb", "changed", "changed"): Act.FIELDS,
    ("tomb", "deleted", "same"): Act.RESTORE_LOCAL,
    ("tomb", "deleted", "changed"): Act.RESTORE_LOCAL,
}


def act(link: Link, local: Local, external: External) -> Act:
    return TABLE[link, local, external]
