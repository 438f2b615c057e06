"""Mapping problems as an API error."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import ValidationError

from integrations.mapping.errors import MappingError


def mapping_problem(error: MappingError, field: str) -> ValidationError:
    return ValidationError({field: [str(problem) for problem in error.problems]})


def as_list(error: MappingError) -> list[dict[str, Any]]:
    """Every problem with its place and its line (null where the document did not come as text)."""
    return [{"path": one.path, "message": one.sentence, "line": one.line} for one in error.problems]
