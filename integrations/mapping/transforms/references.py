"""Values that point to another record."""

from __future__ import annotations

from typing import Any

from .base import Transform, transform
from .scalars import as_text


@transform("lookup")
class Lookup(Transform):
    """An external id that stands for a local record. The engine resolves them in bulk, per page.

    resourceType        canonical type of the target (any case)
    lookupField         what the external value is: "externalId" (default) or a local field such as "email"
    matchKey            local field that finds a target which is not linked yet, for example "email"
    matchExternalField  where this record holds the value of that key, for example "assignee.email"
    """

    keys = frozenset({"resourceType", "lookupField", "matchKey", "matchExternalField"})
    kinds = ("reference", "uuid", "text")

    def check(self) -> None:
        self.resource_type = str(self.settings.get("resourceType") or self.spec.reference or "").lower()
        self.lookup_field = str(self.settings.get("lookupField", "externalId"))
        self.match_key = str(self.settings.get("matchKey", ""))
        self.match_path = str(self.settings.get("matchExternalField", ""))
        if not self.resource_type:
            raise ValueError('A lookup needs "resourceType": the kind of record that the value points to.')
        if self.spec.reference and self.spec.reference != self.resource_type:
            raise ValueError(f"The internal field points to {self.spec.reference}, not to {self.resource_type}.")
        if bool(self.match_key) != bool(self.match_path):
            raise ValueError("matchKey and matchExternalField go together.")

    inline = "{v} if {v}.__class__ is str and {v} else (None if {v} is None else {n}({v}))"

    def normalise(self, raw: Any) -> str | None:
        return as_text(raw) or None

    def to_local(self, form: Any) -> Any:
        raise ValueError("is resolved by the engine, not here")

    def to_external(self, local: Any) -> Any:
        return self.to_local(local)
