"""Field mappings: R1's JSON documents, compiled to closures that turn records of one side into the other's."""

from .compiled import CompiledMapping, CompiledRule, LookupSpec, fingerprint
from .compiler import compile_mapping
from .document import MappingDocument, parse_document
from .errors import ConversionError, MappingError, Problem
from .fields import FieldSpec
from .laws import LawFinding, check_laws
from .sentinels import ABSENT, UNRESOLVED
from .transforms import Transform, transform
from .validate import validate_text

__all__ = [
    "ABSENT",
    "UNRESOLVED",
    "CompiledMapping",
    "CompiledRule",
    "ConversionError",
    "FieldSpec",
    "LawFinding",
    "LookupSpec",
    "MappingDocument",
    "MappingError",
    "Problem",
    "Transform",
    "check_laws",
    "compile_mapping",
    "fingerprint",
    "parse_document",
    "transform",
    "validate_text",
]
