"""OpenAPI 3.0 schemas as JSON Schema 2020-12, closed: what a schema does not name does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from jsonschema import FormatChecker

from connectors.base import stamps

FORMATS = FormatChecker(formats=())
_NESTED = ("allOf", "oneOf", "anyOf")
_KEPT = ("type", "enum", "required", "format", "pattern", "minimum", "maximum", "minLength", "maxLength",
         "minItems", "maxItems", "maxProperties", "minProperties")  # fmt: skip


@FORMATS.checks("date", raises=ValueError)
def _is_date(value: Any) -> bool:
    return not isinstance(value, str) or date.fromisoformat(value).isoformat() == value


@FORMATS.checks("date-time", raises=ValueError)
def _is_moment(value: Any) -> bool:
    return not isinstance(value, str) or stamps.parse(value) is not None


class Translation:
    """`way` is request or response: in a request, what is read-only does not fit. `nullable` beside or within
    an `allOf` allows null, as the documents mean it, though OpenAPI 3.0.3 reads it otherwise. `wider` holds two
    suffixes: where a value is a component with the first, the one with the second fits too."""

    def __init__(self, schemas: Mapping[str, Any], way: str, wider: tuple[str, str] | None = None) -> None:
        self._schemas = schemas
        self._way = way
        self._wider = wider
        # Open, since an `allOf` may go on from them.
        self._definitions = {name: self._open(schema) for name, schema in schemas.items()}

    def whole(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """A document of its own: the schema of a value, with every component that it may name."""
        return {"allOf": [self.closed(schema)], "$defs": self._definitions}

    def closed(self, schema: Mapping[str, Any]) -> Any:
        """The schema of a value: null where allowed, no unknown properties where some are known."""
        if self._way == "request" and self._reads(schema):
            return False
        schema = self._widened(schema)
        translated = self._open(schema)
        if self._named(schema):
            translated["unevaluatedProperties"] = False
        return {"anyOf": [{"type": "null"}, translated]} if self._nullable(schema) else translated

    def _open(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        if "$ref" in schema:
            return {"$ref": f"#/$defs/{_name(schema)}"}
        found = {key: schema[key] for key in _KEPT if key in schema}
        for key in _NESTED:
            if key in schema:
                found[key] = [self._open(each) for each in schema[key]]
        if "properties" in schema:
            found["properties"] = {name: self.closed(each) for name, each in schema["properties"].items()}
        if "items" in schema:
            found["items"] = self.closed(schema["items"])
        if isinstance(schema.get("additionalProperties"), Mapping):
            found["additionalProperties"] = self.closed(schema["additionalProperties"])
        return found

    def _widened(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._wider is None:
            return schema
        if "allOf" in schema:
            return {**schema, "allOf": [self._widened(each) for each in schema["allOf"]]}
        compact, full = self._wider
        name = _name(schema).removesuffix(compact) + full if "$ref" in schema else ""
        fits = name in self._schemas and _name(schema).endswith(compact)
        return {"$ref": f"#/components/schemas/{name}"} if fits else schema

    def _parts(self, schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        if "$ref" in schema:
            return [self._schemas[_name(schema)]]
        return [each for key in _NESTED for each in schema.get(key, ())]

    def _nullable(self, schema: Mapping[str, Any]) -> bool:
        return bool(schema.get("nullable")) or any(self._nullable(each) for each in self._parts(schema))

    def _named(self, schema: Mapping[str, Any]) -> bool:
        return bool(schema.get("properties")) or any(self._named(each) for each in self._parts(schema))

    def _reads(self, schema: Mapping[str, Any]) -> bool:
        return bool(schema.get("readOnly")) or any(self._reads(each) for each in schema.get("allOf", ()))


def _name(schema: Mapping[str, Any]) -> str:
    return str(schema["$ref"]).rpartition("/")[2]
