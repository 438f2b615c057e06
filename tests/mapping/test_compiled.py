"""What the engine relies on."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.mapping import ABSENT, UNRESOLVED, ConversionError, FieldSpec, compile_mapping, fingerprint
from integrations.mapping.codegen import slow_read, slow_to_local

from .documents import ASANA_TASK
from .helpers import TASK, one_rule, pull

MAPPING = compile_mapping(json.loads(ASANA_TASK), TASK)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just("2026-01-02"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["gid", "name"]), inner),
    max_leaves=6,
)
RECORDS = st.dictionaries(st.sampled_from(["name", "notes", "completed", "due_on", "assignee"]), JSON)


def outcome(function, *arguments):
    try:
        return function(*arguments)
    except ConversionError as error:
        return str(error)


@given(RECORDS)
def test_the_fast_way_reads_as_the_tolerant_one(record):
    fast = outcome(MAPPING.read_external, record)
    assert fast == outcome(slow_read(MAPPING.rules), record)
    if isinstance(fast, tuple):
        slow = slow_to_local(MAPPING.rules, MAPPING.local_names)
        assert outcome(MAPPING.to_local, fast) == outcome(slow, fast)


@given(RECORDS)
def test_an_external_form_survives_json(record):
    form = outcome(MAPPING.read_external, record)
    if isinstance(form, tuple):
        assert tuple(orjson.loads(orjson.dumps(form))) == form


def test_a_lookup_without_a_target_is_unresolved_both_ways():
    assert MAPPING.to_local(("t", None, True, None, "77"))[4] is UNRESOLVED
    assert MAPPING.to_local(("t", None, True, None, "77"), {"member": {}})[4] is UNRESOLVED
    assert MAPPING.to_external(("t", None, "TODO", None, "m-1"))[4] is UNRESOLVED
    assert MAPPING.write({4: UNRESOLVED}) == {}


def test_a_lookup_tells_the_engine_how_to_match():
    document = json.loads(ASANA_TASK)
    document["externalToInternal"][5]["transform"] |= {"matchKey": "email", "matchExternalField": "assignee.email"}
    (spec,) = compile_mapping(document, TASK).lookups
    assert (spec.rule_index, spec.resource_type, spec.lookup_field, spec.match_key) == (
        4,
        "member",
        "externalId",
        "email",
    )
    assert spec.match({"assignee": {"email": "a@b.c"}}) == "a@b.c"


def test_only_changed_fields_go_out():
    values = MAPPING.to_external(("t", None, "TODO", "2026-01-02", None), {"dueDate"})
    assert values == (ABSENT, ABSENT, ABSENT, "2026-01-02", ABSENT)
    assert MAPPING.write(dict(enumerate(values))) == {"due_on": "2026-01-02"}


def test_a_field_that_nothing_pulls_is_absent():
    mapping = one_rule("string", lists="push")
    assert mapping.to_local(mapping.read_external({"x": "a"})) == (ABSENT,)


def test_a_default_stands_in_for_an_empty_value():
    rule = {"externalField": "x", "internalField": "y", "defaultValue": "none given"}
    mapping = compile_mapping({"resourceType": "T", "externalToInternal": [rule]}, {"y": FieldSpec()})
    assert (pull(mapping, None), pull(mapping, "a")) == ("none given", "a")


def test_a_required_value_that_is_empty_is_refused_both_ways():
    with pytest.raises(ConversionError, match="name -> title: None is empty, but the field is required"):
        MAPPING.to_local((None, None, True, None, None))
    rule = {"externalField": "x", "internalField": "y", "required": True}
    mapping = compile_mapping({"resourceType": "T", "internalToExternal": [rule]}, {"y": FieldSpec()})
    with pytest.raises(ConversionError, match="the provider's field is required"):
        mapping.to_external((None,))


def test_of_two_rules_the_first_value_feeds_the_field():
    rules = [{"externalField": name, "internalField": "y"} for name in ("mobile", "phone")]
    mapping = compile_mapping({"resourceType": "T", "externalToInternal": rules}, {"y": FieldSpec()})
    assert mapping.local_names == ("y",)
    assert mapping.to_local(mapping.read_external({"mobile": None, "phone": "2"})) == ("2",)


def test_names_in_a_document_are_never_source():
    hostile = {"externalField": 'x") or print("y', "internalField": "y"}
    mapping = compile_mapping({"resourceType": "T", "externalToInternal": [hostile]}, {"y": FieldSpec()})
    assert mapping.read_external({'x") or print("y': "safe"}) == ("safe",)


def test_a_read_only_field_cannot_be_pulled():
    rule = {"externalField": "x", "internalField": "y"}
    fields = {"y": FieldSpec(writable=False)}
    with pytest.raises(Exception, match="map it in internalToExternal only"):
        compile_mapping({"resourceType": "T", "externalToInternal": [rule]}, fields)
    compile_mapping({"resourceType": "T", "internalToExternal": [rule]}, fields)


@given(st.lists(st.none() | st.text() | st.integers(0, 9), max_size=4), st.lists(st.none() | st.text(), max_size=4))
def test_a_fingerprint_stands_for_the_content(one, other):
    assert len(fingerprint(tuple(one))) == 16
    assert (fingerprint(tuple(one)) == fingerprint(tuple(other))) == (one == other)


@given(st.dictionaries(st.sampled_from(["a.b", "a.c[0]", "d", "e[k=v].w"]), st.text(min_size=1)))
def test_what_is_written_is_read_again(values):
    paths = ["a.b", "a.c[0]", "d", "e[k=v].w"]
    rules = [{"externalField": path, "internalField": f"f{n}"} for n, path in enumerate(paths)]
    fields = {f"f{n}": FieldSpec() for n in range(len(paths))}
    mapping = compile_mapping({"resourceType": "T", "externalToInternal": rules}, fields)
    written = mapping.write({paths.index(path): text for path, text in values.items()})
    assert mapping.read_external(written) == tuple(values.get(path) for path in paths)


def test_an_item_after_a_hole_is_not_written():
    rule = {"externalField": "a.c[1]", "internalField": "f"}
    mapping = compile_mapping({"resourceType": "T", "externalToInternal": [rule]}, {"f": FieldSpec()})
    with pytest.raises(ConversionError, match="no item before position 1"):
        mapping.write({0: "x"})
    assert mapping.write({0: "x"}, {"a": {"c": ["first", "second", "third"]}}) == {"a": {"c": ["first", "x", "third"]}}
