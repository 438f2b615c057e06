"""Addresses of the console, and what a page says."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse


def address(model: type, page: str = "changelist", *keys: Any) -> str:
    meta = model._meta  # type: ignore[attr-defined]
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=keys)


def text(client: Client, *place: Any) -> str:
    answer = client.get(address(*place))
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def told(answer: Any) -> str:
    """The messages of the page after a redirect."""
    return " ".join(str(message) for message in answer.context["messages"])
