"""Python source made once per compile, because a call per field and record costs more than the work itself.

The source of a mapping title, dueDate, assignedToId looks like this:

    def read(d):
        try:
            v0 = d.get(k0_0)
            ...
            v2 = None if (o := d.get(k2_0)) is None else o.get(k2_1)
            return (v0 if v0.__class__ is str and v0 else ..., None if v1 is None else n1(v1), ...)
        except Exception:
            return slow(d)

Names hold numbers only; keys, transforms and defaults come in as globals of the function, so that no word
of a document is ever part of the source. The fast way is an optimist: whatever it stumbles over is done
again by `slow`, which follows paths tolerantly and names the rule at fault. Its answer is the right one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from connectors.base.paths import compile_get, parse

from .errors import ConversionError
from .sentinels import ABSENT, UNRESOLVED
from .transforms.references import Lookup

if TYPE_CHECKING:
    from .compiled import CompiledRule

Names = dict[str, Any]
Read = Callable[[Mapping[str, Any]], tuple[Any, ...]]
ToLocal = Callable[..., tuple[Any, ...]]
EMPTY: Mapping[Any, Any] = {}


def compile_read(rules: Sequence[CompiledRule]) -> Read:
    """`fields -> external form`."""
    names: Names = {"slow": slow_read(rules), "at": _at}
    lines = [f"v{rule.index} = {_get(rule, names)}" for rule in rules]
    result = ", ".join(_normalise(rule, names) for rule in rules)
    read: Read = _function("read", "d", lines, result, "slow(d)", names)
    return read


def compile_to_local(rules: Sequence[CompiledRule], local_names: Sequence[str]) -> ToLocal:
    """`(external form, resolve) -> local form`."""
    names: Names = {
        "slow": slow_to_local(rules, local_names),
        "ABSENT": ABSENT,
        "UNRESOLVED": UNRESOLVED,
        "EMPTY": EMPTY,
    }
    lines = [f"({''.join(f'v{rule.index}, ' for rule in rules)}) = e"] if rules else []
    parts: list[str] = []
    for position, name in enumerate(local_names):
        pulling = [rule for rule in rules if rule.pull and rule.internal == name]
        lines += _local_lines(position, pulling, names)
        parts.append(f"x{position}" if pulling else "ABSENT")
    to_local: ToLocal = _function("to_local", "e, r=None", lines, ", ".join(parts), "slow(e, r)", names)
    return to_local


def slow_read(rules: Sequence[CompiledRule]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    getters = [(rule, [compile_get(path) for path in rule.paths]) for rule in rules]

    def slow(fields: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(_read_one(rule, [get(fields) for get in gets]) for rule, gets in getters)

    return slow


def _read_one(rule: CompiledRule, found: list[Any]) -> Any:
    raw = found if rule.transform.paths else (found[0] if found else None)
    if raw is None:
        return None
    return _guarded(rule, rule.transform.normalise, raw)


def slow_to_local(
    rules: Sequence[CompiledRule], local_names: Sequence[str]
) -> Callable[[tuple[Any, ...], Any], tuple[Any, ...]]:
    pulling = [[rule for rule in rules if rule.pull and rule.internal == name] for name in local_names]

    def slow(external: tuple[Any, ...], resolve: Any = None) -> tuple[Any, ...]:
        return tuple(_first_local(group, external, resolve) for group in pulling)

    return slow


def _first_local(group: Sequence[CompiledRule], external: tuple[Any, ...], resolve: Any) -> Any:
    """The first rule that yields a value feeds the field; defaults come after all rules were asked."""
    if not group:
        return ABSENT
    for rule in group:
        form = external[rule.index]
        value = _local_value(rule, form, resolve)
        if value is not None:
            return value
    return _empty_local(group)


def _local_value(rule: CompiledRule, form: Any, resolve: Any) -> Any:
    if form is None and rule.paths:
        return None
    if isinstance(rule.transform, Lookup):
        return (resolve or EMPTY).get(rule.transform.resource_type, EMPTY).get(form, UNRESOLVED)
    return form if rule.transform.local_is_form else _guarded(rule, rule.transform.to_local, form)


def _empty_local(group: Sequence[CompiledRule]) -> Any:
    for rule in group:
        if rule.default_local is not None:
            return rule.default_local
    for rule in group:
        if rule.required_local:
            raise ConversionError(rule.index, rule.name, None, "is empty, but the field is required")
    return None


def _guarded(rule: CompiledRule, convert: Callable[[Any], Any], value: Any) -> Any:
    try:
        return convert(value)
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as error:
        reason = str(error) if isinstance(error, ValueError) else "cannot be converted"
        raise ConversionError(rule.index, rule.name, value, reason) from error


def _get(rule: CompiledRule, names: Names) -> str:
    gets = [_path(f"{rule.index}_{number}", path, names) for number, path in enumerate(rule.paths)]
    if rule.transform.paths:
        return f"[{', '.join(gets)}]"
    return gets[0] if gets else "None"


def _path(tag: str, path: str, names: Names) -> str:
    """Keys and positions are read in line, step by step; what does not fit raises and is left to `slow`."""
    segments = parse(path)
    if not segments or len(segments) > _INLINE or not all(isinstance(segment, str | int) for segment in segments):
        names[f"g{tag}"] = compile_get(path)
        return f"g{tag}(d)"
    expression = "d"
    for number, segment in enumerate(segments):
        names[f"k{tag}_{number}"] = segment
        holder = expression if number == 0 else "o"
        last = f"{holder}.get(k{tag}_{number})" if isinstance(segment, str) else f"at({holder}, k{tag}_{number})"
        expression = last if number == 0 else f"(None if (o := {expression}) is None else {last})"
    return expression


_INLINE = 4


def _at(items: Any, position: int) -> Any:
    """An element of a list, None beyond its end. Anything else is for `slow` to judge."""
    if items.__class__ is not list:
        raise TypeError("not a list")
    return items[position] if -len(items) <= position < len(items) else None


def _normalise(rule: CompiledRule, names: Names) -> str:
    i = rule.index
    names[f"n{i}"] = rule.transform.normalise
    template = rule.transform.inline or "None if {v} is None else {n}({v})"
    return template.format(v=f"v{i}", n=f"n{i}")


def _local_lines(position: int, group: Sequence[CompiledRule], names: Names) -> list[str]:
    x = f"x{position}"
    lines: list[str] = []
    for number, rule in enumerate(group):
        expression = _local(rule, names)
        lines += [f"{x} = {expression}"] if number == 0 else [f"if {x} is None: {x} = {expression}"]
    if any(rule.default_local is not None or rule.required_local for rule in group):
        names[f"m{position}"] = lambda: _empty_local(group)
        lines.append(f"if {x} is None: {x} = m{position}()")
    return lines


def _local(rule: CompiledRule, names: Names) -> str:
    i, v = rule.index, f"v{rule.index}"
    if isinstance(rule.transform, Lookup):
        names[f"r{i}"] = rule.transform.resource_type
        return f"None if {v} is None else UNRESOLVED if r is None else r.get(r{i}, EMPTY).get({v}, UNRESOLVED)"
    if rule.transform.local_is_form:
        return v
    names[f"t{i}"] = rule.transform.to_local
    return f"None if {v} is None else t{i}({v})" if rule.paths else f"t{i}({v})"


def _function(name: str, arguments: str, lines: list[str], result: str, rescue: str, names: Names) -> Any:
    body = "\n".join(f"        {line}" for line in [*lines, f"return ({result}{',' if result else ''})"])
    source = f"def {name}({arguments}):\n    try:\n{body}\n    except Exception:\n        return {rescue}\n"
    scope = dict(names)
    exec(compile(source, "<mapping>", "exec"), scope)  # built above from numbers only
    return scope[name]
