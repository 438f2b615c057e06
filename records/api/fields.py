"""camelCase outside, snake_case inside: declared fields are renamed, keys inside free JSON are not."""

from __future__ import annotations

import re
from typing import Any

from rest_framework import serializers


def camel(name: str) -> str:
    """due_date -> dueDate"""
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name)


class CamelSerializer(serializers.Serializer):
    """Fields are declared in snake_case and answer to camelCase."""

    def get_fields(self) -> dict[str, Any]:
        return _renamed(super().get_fields())


class CamelModelSerializer(serializers.ModelSerializer):
    """As `CamelSerializer`, from a model."""

    def get_fields(self) -> dict[str, Any]:
        return _renamed(super().get_fields())

    def get_validators(self) -> list[Any]:
        """Uniqueness is the services' to judge: they know the organization."""
        return []


def _renamed(fields: dict[str, Any]) -> dict[str, Any]:
    for name, field in fields.items():
        if field.source is None and camel(name) != name:
            field.source = name
    return {camel(name): field for name, field in fields.items()}
