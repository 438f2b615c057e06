"""Configurations that are known to work, as data: one JSON file for each."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """`directus`, `json_server_0_17`, ..."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def preset(name: str) -> dict[str, Any]:
    """A fresh copy of the document. Raises `KeyError` with the known names."""
    if name not in names():
        raise KeyError(f"There is no preset {name!r}. Known: {', '.join(names())}.")
    document: dict[str, Any] = json.loads(_text(name))
    return document


@cache
def _text(name: str) -> str:
    return (FOLDER / f"{name}.json").read_text(encoding="utf-8")
