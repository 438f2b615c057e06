from __future__ import annotations

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records import catalog, selectors, services
from records.ids import SystemIds, system_ids
from records.origins import SYSTEM
from records.validation import validator
from records.values import from_plain, plain_datetime, plain_decimal, problem_of, to_plain

from .factories import OrganizationFactory

TASK = catalog.get("task")
MEMBER = catalog.get("member")
TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=60)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
).filter(lambda value: value != "")
PLAIN = {
    "title": TEXT.filter(bool),
    "description": st.none() | TEXT.filter(bool),
    "status": st.sampled_from(("TODO", "COMPLETED")),
    "priority": st.sampled_from((None, "LOW", "URGENT")),
    "dueDate": st.none() | st.dates().map(lambda day: day.isoformat()),
    "dueAt": st.none() | st.datetimes(timezones=st.just(timezone.get_default_timezone())).map(plain_datetime),
    "labels": st.none() | st.lists(TEXT, min_size=1, max_size=4).map(lambda tags: sorted(set(tags))),
    "externalMetadata": JSON,
}
ROW = st.tuples(*PLAIN.values())


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(row=ROW)
def test_values_come_back_from_the_database_as_they_went_in(row: tuple) -> None:
    organization_id, names = str(OrganizationFactory().id), tuple(PLAIN)
    assert validator(TASK, names)(row) == []
    copied, saved = system_ids.new(), system_ids.new()
    services.bulk_create(TASK, organization_id, names, [(copied, row)], origin=SYSTEM, now=timezone.now())
    services.create(TASK, organization_id, dict(zip(names, row, strict=True)), SYSTEM, record_id=saved)
    found = selectors.read(TASK, organization_id, [copied, saved], names)
    assert found[copied].values == row
    assert found[saved].values == row


@given(row=ROW)
def test_values_come_back_from_an_instance_as_they_went_in(row: tuple) -> None:
    for name, plain in zip(PLAIN, row, strict=True):
        field = TASK.field(name)
        assert to_plain(field, from_plain(field, plain)) == plain


@given(number=st.decimals(-(10**9), 10**9, places=4))
def test_a_decimal_has_one_plain_form(number) -> None:
    field = MEMBER.field("equityUnits")
    assert problem_of(field, plain_decimal(number)) == ""
    assert from_plain(field, plain_decimal(number)) == number


@pytest.mark.parametrize(
    ("name", "plain", "said"),
    [
        ("title", None, "title may not be empty."),
        ("title", "", "title may not be empty."),
        ("title", 7, "title must be text, not 7."),
        ("title", "x" * 1025, "title has 1025 characters; at most 1024 are allowed."),
        ("title", "a\0b", "cannot be stored"),
        ("description", "\ud800", "cannot be stored"),
        ("status", "DONE", "status is 'DONE'; allowed are TODO, IN_PROGRESS"),
        ("status", None, "status may not be empty."),
        ("dueDate", "2026-02-30", "dueDate must be a day"),
        ("dueDate", "2026-W01-1", "dueDate must be a day"),
        ("dueAt", "2026-02-03T10:00:00Z", "dueAt must be an instant in UTC"),
        ("dueAt", "2026-02-30T10:00:00.000000Z", "dueAt must be an instant in UTC"),
        ("assignedToId", "17", "assignedToId must be an identifier"),
        ("labels", "red", "labels must be a list of texts"),
        ("externalMetadata", {"a": "\0"}, "NUL"),
    ],
)
def test_a_bad_value_gets_a_sentence(name: str, plain: object, said: str) -> None:
    assert said in validator(TASK, (name,))((plain,))[0]
    with pytest.raises(ValueError, match=name):
        from_plain(TASK.field(name), plain)


@pytest.mark.parametrize("plain", ["12.50", "1e3", "-0", "12345678901234567", "1.23456", 12.5])
def test_a_decimal_that_would_be_rewritten_is_refused(plain: object) -> None:
    assert validator(MEMBER, ("equityUnits",))((plain,))


def test_ids_rise_and_never_repeat() -> None:
    ids = SystemIds()
    made = [*ids.many(5000), ids.new(), *ids.many(5000)]
    assert made == sorted(set(made))
    assert {(len(each), each[14]) for each in made} == {(36, "7")}
