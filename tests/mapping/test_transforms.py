"""Each transform, there and back, as tables."""

from __future__ import annotations

import pytest

from integrations.mapping import ConversionError, FieldSpec, MappingError, compile_mapping, transform
from integrations.mapping.transforms import REGISTRY, Transform

from .helpers import one_rule, pull, push

ENUM = {"type": "enum", "mapping": {"open": "TODO", "new": "TODO", "done": "COMPLETED"}}
BERLIN = {"type": "date", "zone": "Europe/Berlin"}
HOURS = {"type": "number", "factor": 60}
NAMED = {"type": "tags", "path": "name"}

THERE_AND_BACK = [
    # transform, internal kind, raw, local, raw as written back
    ("string", "text", "Call", "Call", "Call"),
    ("string", "text", "", None, None),
    ("string", "text", 7, "7", "7"),
    ("string", "text", True, "true", "true"),
    ("number", "integer", 5, 5, 5),
    ("number", "integer", 5.0, 5, 5),
    ("number", "integer", "12", 12, 12),
    ("number", "decimal", 12.5, "12.5", 12.5),
    ("number", "decimal", "12.50", "12.5", 12.5),
    ("number", "decimal", 3, "3", 3),
    ("number", "decimal", " ", None, None),
    ({"type": "number", "externalType": "string"}, "decimal", "12.50", "12.5", "12.5"),
    (HOURS, "integer", 90, 5400, 90),
    (HOURS, "integer", 1.5, 90, 1.5),
    ({"type": "number", "round": 0}, "integer", 2.5, 3, 3),
    ("boolean", "boolean", True, True, True),
    ("boolean", "boolean", "no", False, False),
    ("boolean", "boolean", 1, True, True),
    ("boolean", "boolean", "", None, None),
    ("date", "date", "2026-02-03", "2026-02-03", "2026-02-03"),
    ("date", "date", "", None, None),
    (BERLIN, "date", "2026-02-03T23:30:00Z", "2026-02-04", "2026-02-04"),
    ("datetime", "datetime", "2026-02-03T10:00:00.123Z", "2026-02-03T10:00:00.123000Z", "2026-02-03T10:00:00.123000Z"),
    ("datetime", "datetime", "2026-02-03T10:00:00+02:00", "2026-02-03T08:00:00.000000Z", "2026-02-03T08:00:00.000000Z"),
    ({"type": "datetime", "unit": "epoch_ms"}, "datetime", 1500, "1970-01-01T00:00:01.500000Z", 1500),
    ({"type": "datetime", "unit": "epoch_s"}, "datetime", "60", "1970-01-01T00:01:00.000000Z", 60),
    (
        {"type": "datetime", "zone": "Europe/Berlin"},
        "datetime",
        "2026-07-01 12:00",
        "2026-07-01T10:00:00.000000Z",
        "2026-07-01T10:00:00.000000Z",
    ),
    (ENUM, "text", "open", "TODO", "open"),
    (ENUM, "text", "new", "TODO", "open"),
    (ENUM, "text", "done", "COMPLETED", "done"),
    ({"type": "enum", "mapping": {"1": "LOW"}, "externalType": "number"}, "text", 1, "LOW", 1),
    ({"type": "enum", "mapping": {"true": "A", "false": "B"}}, "text", False, "B", False),
    ({"type": "enum", "mapping": {"a": "A"}, "default": "Z", "reverseDefault": "a"}, "text", "b", "Z", "a"),
    ({"type": "custom", "function": "enumMapping", "mapping": {"a": "A"}}, "text", "b", "b", "b"),
    ("json", "json", {"a": [1]}, {"a": [1]}, {"a": [1]}),
    ("tags", "tags", ["b", "a", "b"], ["a", "b"], ["a", "b"]),
    ("tags", "tags", [], None, None),
    (NAMED, "tags", [{"name": "b", "gid": "1"}, {"name": "a"}], ["a", "b"], [{"name": "a"}, {"name": "b"}]),
    ({"type": "tags", "separator": ";"}, "tags", "b; a;", ["a", "b"], "a;b"),
]


@pytest.mark.parametrize(("words", "kind", "raw", "local", "back"), THERE_AND_BACK)
def test_a_value_goes_there_and_back(words, kind, raw, local, back):
    mapping = one_rule(words, kind)
    assert pull(mapping, raw) == local
    assert push(mapping, local) == back
    assert type(push(mapping, local)) is type(back)


@pytest.mark.parametrize(("words", "kind", "raw", "local", "back"), THERE_AND_BACK)
def test_a_written_value_reads_as_the_external_form_it_had(words, kind, raw, local, back):
    mapping = one_rule(words, kind)
    assert mapping.read_external({"x": push(mapping, local)}) == mapping.to_external((local,))


@pytest.mark.parametrize("words", ["string", "date", ENUM, {"type": "datetime", "unit": "epoch_s"}])
def test_absent_and_null_are_empty_on_both_sides(words):
    mapping = one_rule(words)
    assert (
        mapping.to_local(mapping.read_external({})) == mapping.to_local(mapping.read_external({"x": None})) == (None,)
    )
    assert push(mapping, None) is None


REFUSED = [
    ("number", "integer", 2.5, "is not a whole number"),
    ("number", "integer", "many", "is not a number"),
    ("number", "integer", True, "is not a number"),
    ("number", "decimal", "NaN", "is not a finite number"),
    ("boolean", "boolean", "maybe", "is neither true nor false"),
    ("date", "date", "2026-02-31", "day is out of range"),
    ("date", "date", 20260203, "is not a date or time"),
    ("datetime", "datetime", "soon", "is not a date or time"),
    ("datetime", "datetime", "2026-13-03T10:00:00.123Z", "month must be in 1..12"),
    ({"type": "datetime", "unit": "epoch_s"}, "datetime", 10**20, "out of the range"),
    ("string", "text", {"a": 1}, "is a list or an object"),
    (ENUM, "text", "closed", "is not in the mapping (open, new, done)"),
    (ENUM, "text", ["open"], "is a list or an object"),
    ("tags", "tags", {"a": 1}, "is not a list"),
]


@pytest.mark.parametrize(("words", "kind", "raw", "reason"), REFUSED)
def test_a_value_that_does_not_fit_names_value_and_rule(words, kind, raw, reason):
    mapping = one_rule(words, kind)
    with pytest.raises(ConversionError) as caught:
        pull(mapping, raw)
    assert str(caught.value).startswith("x -> y: ")
    assert reason in str(caught.value)
    assert caught.value.rule_index == 0


def test_a_text_that_is_too_long_is_refused_or_cut_on_request():
    with pytest.raises(ConversionError, match="longer than the 3 characters"):
        pull(one_rule("string", max_length=3), "abcd")
    assert pull(one_rule({"type": "string", "truncate": True}, max_length=3), "abcd") == "abc"


def test_a_precision_cuts_what_the_provider_cannot_keep():
    mapping = one_rule({"type": "datetime", "precision": "s"}, "datetime")
    assert push(mapping, "2026-02-03T10:00:00.999999Z") == "2026-02-03T10:00:00.000000Z"


ONE_WAY = [
    ({"type": "custom", "function": "splitName", "target": "first"}, "text", "Ada  King Lovelace", "Ada"),
    ({"type": "custom", "function": "splitName", "target": "last"}, "text", "Ada  King Lovelace", "King Lovelace"),
    ({"type": "custom", "function": "taskStatusToBool"}, "boolean", "COMPLETED", True),
    ({"type": "custom", "function": "taskStatusToBool"}, "boolean", "TODO", False),
    ({"type": "custom", "function": "dateToTimestamp"}, "integer", "1970-01-02", 86_400_000),
]


@pytest.mark.parametrize(("words", "kind", "raw", "local"), ONE_WAY)
def test_r1s_custom_transformers_read(words, kind, raw, local):
    assert pull(one_rule(words, kind, lists="pull-only"), raw) == local


@pytest.mark.parametrize(
    ("words", "kind", "local", "raw"),
    [
        ({"type": "custom", "function": "splitName", "target": "last"}, "text", "Ada Lovelace", "Lovelace"),
        ({"type": "custom", "function": "taskStatusToBool"}, "choice", "COMPLETED", True),
        ({"type": "custom", "function": "dateToTimestamp"}, "date", "1970-01-02", 86_400_000),
        ({"type": "constant", "value": "web"}, "text", None, "web"),
        ({"type": "enum", "mapping": {"COMPLETED": "true", "TODO": "false"}}, "text", "COMPLETED", True),
    ],
)
def test_rules_of_internal_to_external_write(words, kind, local, raw):
    assert push(one_rule(words, kind, lists="push"), local) == raw


def several(transform_object, **spec):
    rule = {"internalField": "y", "transform": transform_object}
    return compile_mapping({"resourceType": "T", "externalToInternal": [rule]}, {"y": FieldSpec(**spec)})


def test_coalesce_takes_the_first_value_and_writes_to_the_chosen_field():
    mapping = several({"type": "coalesce", "fields": ["due_at", "due_on"], "write": "due_on"}, kind="date")
    external = mapping.read_external({"due_at": None, "due_on": "2026-01-02"})
    assert mapping.to_local(external) == ("2026-01-02",)
    assert mapping.write({0: mapping.to_external(("2026-01-03",))[0]}) == {"due_at": None, "due_on": "2026-01-03"}


def test_join_name_reads_and_writes_two_fields():
    mapping = several({"type": "joinName", "fields": ["name.first", "name.last"]}, kind="text")
    external = mapping.read_external({"name": {"first": "Ada", "last": "King Lovelace"}})
    assert mapping.to_local(external) == ("Ada King Lovelace",)
    assert mapping.to_external(("Ada King Lovelace",)) == external
    assert mapping.write({0: external[0]}) == {"name": {"first": "Ada", "last": "King Lovelace"}}


@pytest.mark.parametrize(
    ("words", "fields", "local"),
    [
        ({"type": "concat", "fields": ["a", "b"], "separator": ", "}, {"a": "x", "b": 2}, "x, 2"),
        ({"type": "concat", "fields": ["a", "b"]}, {"b": "y"}, "y"),
        ({"type": "concat", "fields": ["a", "b"]}, {}, None),
        ({"type": "template", "template": "{a.b} {{{c}}}"}, {"a": {"b": 1}, "c": "z"}, "1 {z}"),
        ({"type": "constant", "value": "k"}, {}, "k"),
    ],
)
def test_joined_texts_are_read_only(words, fields, local):
    mapping = several(words, kind="text")
    assert mapping.to_local(mapping.read_external(fields)) == (local,)
    assert not mapping.rules[0].push


def test_a_template_writes_from_several_internal_fields():
    rule = {"externalField": "label", "transform": {"type": "template", "template": "{title} ({status})"}}
    fields = {"title": FieldSpec(), "status": FieldSpec()}
    mapping = compile_mapping({"resourceType": "T", "internalToExternal": [rule]}, fields)
    assert mapping.local_names == ("title", "status")
    assert mapping.write({0: mapping.to_external(("A", "TODO"), {"status"})[0]}) == {"label": "A (TODO)"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("shout", "There is no transform 'shout'"),
        ({"type": "number", "faktor": 2}, "does not know the setting faktor"),
        ({"type": "number", "factor": 0}, "must not be 0"),
        ({"type": "date", "zone": "Mars/Base"}, "no time zone 'Mars/Base'"),
        ({"type": "datetime", "unit": "days"}, "unit must be one of"),
        ({"type": "enum", "mapping": {}}, 'An enum needs "mapping"'),
        ({"type": "enum", "mapping": {"a": None}}, "must be texts, numbers or booleans"),
        ({"type": "enum", "mapping": {"a": "A"}, "externalType": "boolean"}, "not a boolean pair"),
        ({"type": "lookup"}, 'needs "resourceType"'),
        ({"type": "lookup", "resourceType": "M", "matchKey": "email"}, "go together"),
        ({"type": "custom", "function": "splitName"}, '"target"'),
        ({"type": "template", "template": "{a"}, "cannot be read"),
        ({"type": "template", "template": "plain"}, "names no field"),
        ({"type": "concat"}, '"fields"'),
    ],
)
def test_bad_settings_are_refused_with_a_sentence(words, sentence):
    with pytest.raises(MappingError) as caught:
        one_rule(words, _kind(words))
    assert sentence in caught.value.problems[0].sentence
    assert caught.value.problems[0].path == "externalToInternal[0].transform"


def _kind(words):
    name = words if isinstance(words, str) else words["type"]
    return {"number": "integer", "date": "date", "datetime": "datetime"}.get(name, "text")


def test_a_transform_of_ones_own_is_registered_by_name():
    @transform("reversedText")
    class Reversed(Transform):
        def to_local(self, form):
            return form[::-1]

        to_external = to_local

    try:
        mapping = one_rule({"type": "custom", "function": "reversedText"})
        assert (pull(mapping, "abc"), push(mapping, "cba")) == ("cba", "abc")
        with pytest.raises(RuntimeError, match="registered twice"):
            transform("reversedText")(Reversed)
    finally:
        del REGISTRY["reversedText"]
