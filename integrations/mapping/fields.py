"""What a mapping must know of an internal field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

KINDS = (  # as in the catalog of records
    "text",
    "choice",
    "integer",
    "decimal",
    "boolean",
    "date",
    "datetime",
    "uuid",
    "reference",
    "tags",
    "json",
)


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One internal field.

    kind        one of `KINDS`; decides the canonical form of its values
    required    empty values are refused
    choices     allowed values, () = any
    max_length  characters, None = unlimited
    reference   canonical resource type that the value (an id) points to, None = none
    writable    False = may be pushed, never pulled into
    """

    kind: str = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    max_length: int | None = None
    reference: str | None = None
    writable: bool = True


Fields = Mapping[str, FieldSpec]
