"""Runs a management command as a person would."""

from __future__ import annotations

from io import StringIO
from typing import Any, NamedTuple

from django.core.management import call_command


class Said(NamedTuple):
    """Exit status, and what was said on either stream."""

    status: int
    out: str
    err: str


def run(*arguments: Any) -> Said:
    out, err = StringIO(), StringIO()
    status = 0
    try:
        call_command(*map(str, arguments), stdout=out, stderr=err, no_color=True)
    except SystemExit as end:
        status = int(end.code or 0)
    return Said(status, out.getvalue(), err.getvalue())
