"""Answers that are files to take away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from rest_framework.negotiation import DefaultContentNegotiation


class AnyAccepted(DefaultContentNegotiation):
    """A file comes in its own format, whatever the caller says it accepts."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


def as_file(lines: Iterator[str], name: str) -> StreamingHttpResponse:
    """CSV under a name with the time in it."""
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=_named(name, "csv"))


def as_pdf(document: bytes, name: str) -> HttpResponse:
    """A PDF under a name with the time in it."""
    return HttpResponse(document, content_type="application/pdf", headers=_named(name, "pdf"))


def _named(name: str, ending: str) -> dict[str, str]:
    stamp = timezone.localtime().strftime("%Y-%m-%d-%H%M")
    return {"Content-Disposition": f'attachment; filename="{name}-{stamp}.{ending}"'}
