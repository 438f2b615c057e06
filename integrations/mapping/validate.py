"""A mapping as a person typed it: problems with their lines."""

from __future__ import annotations

from dataclasses import replace
from json import JSONDecodeError

from .compiler import compile_mapping
from .document import MappingDocument, parse_document
from .errors import MappingError, Problem
from .fields import Fields
from .positions import lines_of, loads, nearest


def validate_text(text: str, fields: Fields | None = None, direction: str = "BIDIRECTIONAL") -> MappingDocument:
    """Reads, checks and (with `fields`) compiles. Raises `MappingError` whose problems carry lines."""
    document = _load(text)
    try:
        parsed = parse_document(document)
        if fields is not None:
            compile_mapping(parsed, fields, direction)
    except MappingError as error:
        lines = lines_of(text)
        raise MappingError([replace(p, line=nearest(lines, p.path)) for p in error.problems]) from None
    return parsed


def _load(text: str) -> object:
    try:
        return loads(text)
    except JSONDecodeError as error:
        sentence = f"This is not valid JSON: {error.msg} (column {error.colno})."
        raise MappingError([Problem("", sentence, error.lineno)]) from None
    except RecursionError:
        raise MappingError([Problem("", "This JSON is nested too deeply.", 1)]) from None
