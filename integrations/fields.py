"""Columns whose content is encrypted at rest."""

from __future__ import annotations

from typing import Any

import orjson
from fernet_fields import EncryptedTextField


class EncryptedJSONField(EncryptedTextField):
    """A JSON object under Fernet with key rotation. A wrong key raises `InvalidToken`; ciphertext is
    never handed out. With `null`, None is stored as NULL, which needs no key."""

    def get_prep_value(self, value: Any) -> Any:
        if value is None and self.null:
            return None
        return orjson.dumps(value or {}).decode()

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            return orjson.loads(value) if value else {}
        return value or {}
