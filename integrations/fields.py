"""Columns whose content is encrypted at rest."""

from __future__ import annotations

from typing import Any

import orjson
from fernet_fields import EncryptedTextField


class EncryptedJSONField(EncryptedTextField):
    """A JSON object under Fernet with key rotation. A wrong key raises `InvalidToken`; ciphertext is
    never handed out."""

    def get_prep_value(self, value: Any) -> Any:
        return orjson.dumps(value or {}).decode()

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            return orjson.loads(value) if value else {}
        return value or {}
