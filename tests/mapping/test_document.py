"""R1's documents and malformed ones."""

from __future__ import annotations

import json

import pytest

from integrations.mapping import MappingError, compile_mapping, parse_document, validate_text

from .documents import ASANA_TASK, HUBSPOT_MEMBER
from .helpers import MEMBER, TASK

TASK_RECORD = {
    "gid": "12",
    "name": "Fix the roof",
    "notes": "",
    "completed": False,
    "due_on": "2026-02-03",
    "assignee": {"gid": "77"},
}


def asana(**extra):
    return compile_mapping({**json.loads(ASANA_TASK), **extra}, TASK)


def test_the_asana_example_reads_a_task():
    mapping = asana()
    assert mapping.names == ("title", "description", "status", "dueDate", "assignedToId")
    external = mapping.read_external(TASK_RECORD)
    assert external == ("Fix the roof", None, False, "2026-02-03", "77")
    ids = {"member": {"77": "m-1"}}
    assert mapping.to_local(external, ids) == ("Fix the roof", None, "IN_PROGRESS", "2026-02-03", "m-1")


def test_the_asana_example_derives_what_it_writes():
    mapping = asana()
    local = ("Fix the roof", "soon", "COMPLETED", None, "m-1")
    values = mapping.to_external(local, None, {"member": {"m-1": "77"}})
    assert mapping.write(dict(enumerate(values))) == {
        "name": "Fix the roof",
        "notes": "soon",
        "completed": True,
        "due_on": None,
        "assignee": {"gid": "77"},
    }


@pytest.mark.parametrize("status", ["TODO", "BLOCKED", "IN_REVIEW", "CANCELLED", "IN_PROGRESS"])
def test_every_status_but_completed_is_written_as_not_completed(status):
    assert asana().to_external(("t", None, status, None, None), {"status"})[2] is False


def test_the_identity_rule_is_kept_and_not_compared():
    document = parse_document(json.loads(ASANA_TASK))
    assert document.identity is not None
    assert document.identity.external == "gid"
    assert "externalId" not in [rule.internal for rule in document.rules]


def test_the_member_example_only_writes():
    mapping = compile_mapping(json.loads(HUBSPOT_MEMBER), MEMBER)
    assert not any(rule.pull for rule in mapping.rules)
    assert mapping.local_names == ("email", "name", "role", "profile.totalEquityUnits")
    values = mapping.to_external(("a@b.c", "Ada King Lovelace", "ADMIN", "12.5"))
    assert mapping.write(dict(enumerate(values))) == {
        "email": "a@b.c",
        "firstname": "Ada",
        "lastname": "King Lovelace",
        "britepool_role": "ADMIN",
        "britepool_equity_units": 12.5,
    }


def test_a_rule_is_two_way_only_when_it_stands_in_both_lists():
    rules = json.loads(ASANA_TASK)["externalToInternal"]
    mapping = asana(internalToExternal=[rules[1]])
    assert [rule.push for rule in mapping.rules] == [True, False, False, False, False]
    assert not any(rule.push for rule in asana(bidirectional=False).rules)


def test_each_list_may_name_its_own_transform():
    push = {
        "externalField": "completed",
        "internalField": "status",
        "transform": {"type": "custom", "function": "taskStatusToBool"},
    }
    mapping = asana(internalToExternal=[push])
    status = mapping.rules[2]
    assert (status.pull, status.push) == (True, True)
    assert mapping.to_external(("t", None, "COMPLETED", None, None))[2] is True


@pytest.mark.parametrize(
    ("direction", "pull", "push"),
    [("EXTERNAL_TO_LOCAL", True, False), ("LOCAL_TO_EXTERNAL", False, True), ("BIDIRECTIONAL", True, True)],
)
def test_the_direction_of_the_integration_masks_the_rules(direction, pull, push):
    mapping = compile_mapping(json.loads(ASANA_TASK), TASK, direction)
    assert {(rule.pull, rule.push) for rule in mapping.rules} == {(pull, push)}


def test_the_version_hash_depends_on_content_only():
    document = json.loads(ASANA_TASK)
    turned = dict(reversed(document.items()))
    assert parse_document(document).version_hash == parse_document(turned).version_hash
    assert parse_document(document).version_hash != parse_document({**document, "bidirectional": False}).version_hash


def problems(text):
    with pytest.raises(MappingError) as caught:
        validate_text(text, TASK)
    return [(p.path, p.line, p.sentence) for p in caught.value.problems]


RULE = """{"resourceType": "TASK",
 "externalToInternal": [
  {"externalField": "name",
   "internalField": "title"%s}
 ]%s}"""
FAULTS = [
    # text, path, line, part of the sentence
    ("{\n  nonsense\n}", "", 2, "not valid JSON"),
    ("[]", "", 1, "must be a JSON object"),
    ('{"resourceType":\n"TASK"}', "", 1, "has no rule"),
    ('{\n"externalToInternal": []\n}', "resourceType", 1, 'needs "resourceType"'),
    ('{"resourceType": "TASK",\n"externalToInternal": 5}', "externalToInternal", 2, "must be a list"),
    (RULE % (',\n   "transform": "shout"', ""), "externalToInternal[0].transform", 5, "no transform 'shout'"),
    (RULE % (',\n   "transform": 3', ""), "externalToInternal[0].transform", 5, "must be a word"),
    (RULE % (',\n   "transfrom": "date"', ""), "externalToInternal[0].transfrom", 5, "A rule has no 'transfrom'"),
    (RULE % (',\n   "transform": "boolean"', ""), "externalToInternal[0].transform", 5, "the internal field is text"),
    (RULE % (',\n   "required": "yes"', ""), "externalToInternal[0].required", 5, "must be true or false"),
    (RULE % ("", ',\n "matchKeys": ["mail"]'), "matchKeys", 6, "no internal field 'mail'"),
    (RULE % ("", ',\n "transformers": [1]'), "transformers", 6, "@transform"),
    (RULE % ("", ',\n "colour": 1'), "colour", 6, "A mapping has no 'colour'"),
    (RULE.replace("title", "titel") % ("", ""), "externalToInternal[0].internalField", 4, "no internal field 'titel'"),
    (RULE.replace('"name"', '"a[b"') % ("", ""), "externalToInternal[0].externalField", 3, "cannot be read"),
    (RULE.replace('"name"', '""') % ("", ""), "externalToInternal[0].externalField", 3, "needs 'externalField'"),
    (RULE % (',\n   "required": true, "required": false', ""), "", 5, "stands twice"),
]


@pytest.mark.parametrize(("text", "path", "line", "sentence"), FAULTS)
def test_a_malformed_document_names_the_line_at_fault(text, path, line, sentence):
    found = problems(text)
    assert (found[0][:2], sentence in found[0][2]) == ((path, line), True), found


def test_all_problems_are_told_at_once():
    text = ASANA_TASK.replace('"date"', '"dat"').replace('"description"', '"text"')
    assert [line for _, line, _ in problems(text)] == [18, 35]


def test_an_enum_without_an_inverse_names_the_values_and_the_ways_out():
    enum = {"type": "enum", "mapping": {"open": "TODO", "done": "COMPLETED"}}
    rule = {"externalField": "state", "internalField": "status", "transform": enum}
    document = {"resourceType": "TASK", "externalToInternal": [rule]}
    with pytest.raises(MappingError, match=r"IN_PROGRESS, BLOCKED, IN_REVIEW, CANCELLED: name them in \"reverse\""):
        compile_mapping(document, TASK)
    compile_mapping({**document, "bidirectional": False}, TASK)
    compile_mapping(
        {**document, "externalToInternal": [{**rule, "transform": {**enum, "reverseDefault": "open"}}]}, TASK
    )


def test_an_enum_cannot_name_a_value_that_the_field_does_not_have():
    with pytest.raises(MappingError, match="'DONE' is not a value of the internal field"):
        compile_mapping(json.loads(ASANA_TASK.replace("COMPLETED", "DONE")), TASK)
