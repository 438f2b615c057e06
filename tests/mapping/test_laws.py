"""Round-trip laws: kept by lossless rules, shown with an example where a rule loses something."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.mapping import FieldSpec, check_laws, compile_mapping

from .documents import ASANA_TASK, HUBSPOT_MEMBER
from .helpers import MEMBER, TASK, one_rule

LOSSLESS = [
    ("string", "text"),
    ("number", "integer"),
    ("number", "decimal"),
    ({"type": "number", "factor": 60}, "integer"),
    ("boolean", "boolean"),
    ("date", "date"),
    ("datetime", "datetime"),
    ("tags", "tags"),
    ({"type": "tags", "path": "name"}, "tags"),
    ("json", "json"),
]


@pytest.mark.parametrize(("words", "kind"), LOSSLESS)
@given(seed=st.integers(0, 10_000))
def test_lossless_transforms_keep_the_laws(words, kind, seed):
    if isinstance(words, dict) and "factor" in words:
        words = {**words, "factor": 1}
    assert check_laws(one_rule(words, kind), generated=10, seed=seed) == []


LOSSY = [
    # transform, kind, field settings, recorded value, law
    ({"type": "enum", "mapping": {"a": "A", "b": "A"}}, "text", {"choices": ("A",)}, None, "put-get"),
    ({"type": "enum", "mapping": {"true": "A", "false": "B"}}, "text", {"choices": ("A", "B", "C")}, None, "get-put"),
    ({"type": "string", "truncate": True}, "text", {"max_length": 5}, None, "put-get"),
    ({"type": "datetime", "unit": "epoch_s"}, "datetime", {}, None, "get-put"),
    ({"type": "datetime", "precision": "ms"}, "datetime", {}, None, "get-put"),
    ({"type": "number", "factor": 60, "round": 0}, "integer", {}, None, "get-put"),
    ({"type": "date", "zone": "Europe/Berlin"}, "date", {}, "2026-02-03T23:30:00Z", "detail"),
    ("string", "text", {}, 5, "detail"),
    ("number", "integer", {}, 2.5, "converts"),
]


@pytest.mark.parametrize(("words", "kind", "spec", "recorded", "law"), LOSSY)
def test_a_lossy_rule_is_shown_with_an_example(words, kind, spec, recorded, law):
    samples = [] if recorded is None else [{"x": recorded}]
    (finding, *_) = check_laws(one_rule(words, kind, **spec), samples)
    assert (finding.law, finding.severity, finding.rule) == (law, "lossy", "x -> y")
    assert finding.example_in != finding.example_out or law == "detail"
    assert finding.sentence.endswith((".", "externalType."))


def test_the_asana_example_collapses_statuses_and_says_so():
    (finding,) = check_laws(compile_mapping(json.loads(ASANA_TASK), TASK))
    assert finding.sentence == "'TODO' is written as False and would be read back as 'IN_PROGRESS'."


def test_an_acknowledged_loss_is_silent():
    document = {**json.loads(ASANA_TASK), "acknowledgedLosses": ["status"]}
    assert check_laws(compile_mapping(document, TASK)) == []


def test_one_way_rules_are_exempt():
    assert check_laws(compile_mapping(json.loads(HUBSPOT_MEMBER), MEMBER)) == []
    assert check_laws(compile_mapping(json.loads(ASANA_TASK), TASK, "EXTERNAL_TO_LOCAL")) == []


def test_two_rules_that_write_one_external_field_block():
    rules = [{"externalField": "x", "internalField": "a"}, {"externalField": "x.z", "internalField": "b"}]
    fields = {"a": FieldSpec(), "b": FieldSpec()}
    mapping = compile_mapping({"resourceType": "T", "internalToExternal": rules, "acknowledgedLosses": ["b"]}, fields)
    (finding,) = check_laws(mapping)
    assert (finding.law, finding.severity) == ("untouched", "blocking")


def test_two_way_rules_that_feed_one_field_are_named():
    rules = [{"externalField": name, "internalField": "a"} for name in ("mobile", "phone")]
    mapping = compile_mapping({"resourceType": "T", "externalToInternal": rules}, {"a": FieldSpec()})
    assert [finding.law for finding in check_laws(mapping)] == ["one source"]


def test_join_name_loses_the_border_of_a_double_first_name():
    rule = {"internalField": "a", "transform": {"type": "joinName", "fields": ["first", "last"]}}
    mapping = compile_mapping({"resourceType": "T", "externalToInternal": [rule]}, {"a": FieldSpec()})
    found = {finding.law: finding for finding in check_laws(mapping)}
    assert found["put-get"].severity == "lossy"


def test_the_same_seed_finds_the_same_examples():
    mapping = one_rule({"type": "datetime", "precision": "s"}, "datetime")
    assert check_laws(mapping, seed=3) == check_laws(mapping, seed=3)
