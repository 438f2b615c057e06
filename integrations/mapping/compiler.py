"""A mapping document becomes closures, once per run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from connectors.base.paths import PathError, compile_get

from . import conflict_rules
from .compiled import CompiledMapping, CompiledRule
from .document import MappingDocument, Rule, Side, parse_document
from .errors import MappingError, Problem
from .fields import Fields, FieldSpec
from .pair import Pair
from .transforms import Direction, Transform, build
from .transforms.enums import EnumMap
from .transforms.structures import BY_KIND

DIRECTIONS = {"BIDIRECTIONAL": (True, True), "EXTERNAL_TO_LOCAL": (True, False), "LOCAL_TO_EXTERNAL": (False, True)}


def compile_mapping(
    document: MappingDocument | Mapping[str, Any], fields: Fields, direction: str = "BIDIRECTIONAL"
) -> CompiledMapping:
    """`fields` are the internal fields of the resource type, by name; `direction` is R1's SyncDirection.

    Raises `MappingError` with every problem: unknown fields, bad settings, an enum without an inverse.
    """
    parsed = document if isinstance(document, MappingDocument) else parse_document(document)
    problems = list(_head_problems(parsed, fields))
    rules: list[CompiledRule] = []
    for rule in parsed.rules:
        try:
            rules.append(_compile_rule(len(rules), rule, fields))
        except ValueError as error:
            problems.append(Problem(_place(rule, error), str(error)))
    if problems:
        raise MappingError(problems)
    pull, push = DIRECTIONS[direction]
    masked = [replace(rule, pull=rule.pull and pull, push=rule.push and push) for rule in rules]
    return CompiledMapping(parsed, _numbered(masked))


def _numbered(rules: Iterable[CompiledRule]) -> tuple[CompiledRule, ...]:
    used = [rule for rule in rules if rule.pull or rule.push]
    return tuple(replace(rule, index=index) for index, rule in enumerate(used))


class FieldProblem(ValueError):
    """A problem of the field named, not of the transform."""

    def __init__(self, sentence: str, key: str) -> None:
        super().__init__(sentence)
        self.key = key


def _place(rule: Rule, error: ValueError) -> str:
    return f"{rule.path}.{error.key if isinstance(error, FieldProblem) else 'transform'}"


def _head_problems(parsed: MappingDocument, fields: Fields) -> Iterable[Problem]:
    named = (
        ("matchKeys", parsed.match_keys),
        ("acknowledgedLosses", sorted(parsed.acknowledged)),
        (conflict_rules.KEY, sorted(parsed.conflict_rules)),
    )
    for key, names in named:
        for name in names:
            if name not in fields:
                yield Problem(key, unknown_field(name, fields))


def unknown_field(name: str, fields: Fields) -> str:
    return f"There is no internal field {name!r}. Known: {', '.join(sorted(fields))}."


def _compile_rule(index: int, rule: Rule, fields: Fields) -> CompiledRule:
    if rule.internal and rule.internal not in fields:
        raise FieldProblem(unknown_field(rule.internal, fields), "internalField")
    spec = fields.get(rule.internal, FieldSpec(kind="json"))
    transform, pull, push = _transform(rule, spec)
    inputs = (rule.internal,) if transform.inputs is None else transform.inputs
    for name in inputs if push else ():
        if name not in fields:
            raise ValueError(unknown_field(name, fields))
    if pull and not spec.writable:
        raise FieldProblem(
            f"{rule.internal} cannot be written here; map it in internalToExternal only.", "internalField"
        )
    paths = transform.paths or ((rule.external,) if rule.external else ())
    _check_paths(paths, transform)
    return CompiledRule(
        index=index,
        internal=rule.internal,
        external=rule.external or ", ".join(paths),
        transform=transform,
        pull=pull,
        push=push,
        paths=paths,
        inputs=inputs,
        required_local=bool(rule.pull and rule.pull.required) or spec.required,
        required_external=bool(rule.push and rule.push.required),
        default_local=rule.pull.default if rule.pull else None,
        default_external=_default_external(rule, transform),
    )


def _default_external(rule: Rule, transform: Transform) -> Any:
    """`defaultValue` in internalToExternal is written as the provider takes it."""
    if rule.push is None or rule.push.default is None:
        return None
    return transform.normalise(rule.push.default)


def _check_paths(paths: tuple[str, ...], transform: Transform) -> None:
    for path in paths:
        try:
            compile_get(path)
        except PathError as error:
            raise FieldProblem(str(error), "transform" if transform.paths else "externalField") from None


def _transform(rule: Rule, spec: FieldSpec) -> tuple[Transform, bool, bool]:
    """The transform and the directions in which the rule runs."""
    written = [
        (side, direction)
        for side, direction in ((rule.pull, "pull"), (rule.push, "push"))
        if side is not None and not side.derived
    ]
    built = [_build(side, spec, direction) for side, direction in written]  # type: ignore[arg-type]
    if len(built) == 1:
        return _single(rule, built[0])
    pull, push = built
    _need(pull, "pulls", "externalToInternal")
    _need(push, "pushes", "internalToExternal")
    _check_complete(push)
    same = type(pull) is type(push) and not isinstance(pull, EnumMap) and pull.settings == push.settings
    return (pull if same else Pair(pull, push)), True, True


def _single(rule: Rule, transform: Transform) -> tuple[Transform, bool, bool]:
    """One list names it; the other direction is its inverse, where one is wanted and exists."""
    pull = rule.pull is not None and (transform.pulls or not rule.pull.derived)
    push = rule.push is not None and (transform.pushes or not rule.push.derived)
    if pull:
        _need(transform, "pulls", "externalToInternal")
    if push:
        _need(transform, "pushes", "internalToExternal")
        _check_complete(transform)
    return transform, pull, push


def _need(transform: Transform, ability: str, where: str) -> None:
    if not getattr(transform, ability):
        raise ValueError(f"{transform.names[0]} cannot be used in {where}.")


def _check_complete(transform: Transform) -> None:
    missing = transform.unmapped() if isinstance(transform, EnumMap) else []
    if missing:
        raise ValueError(
            f"The mapping says nothing about the internal {'value' if len(missing) == 1 else 'values'} "
            f'{", ".join(missing)}: name them in "reverse", set "reverseDefault", or make the rule one-way '
            '("bidirectional": false, or an internalToExternal list without it).'
        )


def _build(side: Side, spec: FieldSpec, direction: Direction) -> Transform:
    settings = side.settings if "type" in side.settings else {"type": BY_KIND[spec.kind]}
    return build(settings, spec, direction)
