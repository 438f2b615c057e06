import pytest

from connectors.base.paths import PathError, Select, compile_get, first_of, get_path, list_above, parse, set_path

TASK = {
    "name": "Roof",
    "assignee": {"gid": "7", "name": None},
    "tags": [{"name": "a"}, {"name": "b"}],
    "custom_fields": [{"name": "Phase", "enum_value": None}, {"name": "Priority", "enum_value": {"name": "High"}}],
    "rows": [[1, 2], [3, 4]],
    "a.b": {"c": 1},
    "flags": [{"on": True, "id": 5}],
}

READS = [
    ("", TASK),
    ("name", "Roof"),
    ("assignee.gid", "7"),
    ("assignee.name", None),
    ("assignee.gid.deeper", None),
    ("name.deeper", None),
    ("absent", None),
    ("absent.deeper.still", None),
    ("tags[0].name", "a"),
    ("tags[-1].name", "b"),
    ("tags[9].name", None),
    ("name[0]", None),
    ("rows[1][0]", 3),
    ("custom_fields[name=Priority].enum_value.name", "High"),
    ("custom_fields[name=Phase].enum_value.name", None),
    ("custom_fields[name=Missing].enum_value.name", None),
    ('["a.b"].c', 1),
    ("flags[on=true].id", 5),
    ("flags[id=5].on", True),
]


@pytest.mark.parametrize(("path", "expected"), READS)
def test_read(path, expected):
    assert compile_get(path)(TASK) == expected
    assert get_path(TASK, path) == expected


@pytest.mark.parametrize("path", ["absent", "assignee.absent", "tags[9]", "rows[0][5]"])
def test_absent_reads_as_the_default(path):
    missing = object()
    assert compile_get(path, missing)(TASK) is missing
    assert get_path(TASK, path, missing) is missing


@pytest.mark.parametrize("doc", [None, 3, "text", [], [1]])
def test_reading_another_kind_of_document_is_no_error(doc):
    assert compile_get("a")(doc) is None
    assert compile_get("a.b")(doc) is None
    assert compile_get("a.b.c")(doc) is None


def test_parse():
    assert parse('a.b[0][name=X y]["c.d"]') == ("a", "b", 0, Select("name", "X y"), "c.d")
    assert parse('a[name="x]y"]') == ("a", Select("name", "x]y"))


@pytest.mark.parametrize("path", [".a", "a.", "a..b", "a[", "a[]", "a[x]", "a]b", "a[0]b", "[=x]"])
def test_a_malformed_path_is_named(path):
    with pytest.raises(PathError, match="The path"):
        parse(path)


WRITES = [
    ({}, "a", 1, {"a": 1}),
    ({"a": 1}, "a", 2, {"a": 2}),
    ({}, "a.b.c", 1, {"a": {"b": {"c": 1}}}),
    ({"a": None}, "a.b", 1, {"a": {"b": 1}}),
    ({}, "a[1].b", 1, {"a": [None, {"b": 1}]}),
    ({"a": [1, 2]}, "a[-1]", 9, {"a": [1, 9]}),
    ({}, "f[name=P].v", 1, {"f": [{"name": "P", "v": 1}]}),
    ({"f": [{"name": "P", "v": 0, "k": 1}]}, "f[name=P].v", 1, {"f": [{"name": "P", "v": 1, "k": 1}]}),
    ({"f": [{"name": "P", "v": 0}]}, "f[name=P]", {"v": 1}, {"f": [{"name": "P", "v": 1}]}),
    ({}, "f[0][1]", 1, {"f": [[None, 1]]}),
]


@pytest.mark.parametrize(("doc", "path", "value", "expected"), WRITES)
def test_write(doc, path, value, expected):
    set_path(doc, path, value)
    assert doc == expected


@pytest.mark.parametrize(
    ("doc", "path", "words"),
    [
        ({"a": "text"}, "a.b", "needs an object"),
        ({"a": {}}, "a[0]", "needs a list"),
        ({"a": []}, "a[-1]", "position -1"),
        ({"a": []}, "a[99999]", "position 99999"),
        ({}, "", "whole document"),
        ({"a": []}, "a[x=1]", "only an object"),
    ],
)
def test_a_write_that_does_not_fit_says_why(doc, path, words):
    with pytest.raises(PathError, match=words):
        set_path(doc, path, 1)


def test_first_of_skips_empty_values():
    assert first_of({"a": "", "b": None, "c": 0}, ("a", "b", "c")) == 0
    assert first_of({}, ("a",)) is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("emails[0].address", "emails"),
        ("a.b[-1]", "a.b"),
        ("a.fields[name=Priority].value", "a.fields"),
        ('fields["x.y"][0]', 'fields["x.y"]'),
        ("a.b", None),
        ("[0].a", None),
    ],
)
def test_the_list_that_a_path_goes_through(path: str, expected: str | None) -> None:
    assert list_above(path) == expected
    assert expected is None or parse(expected) == parse(path)[: len(parse(expected))]
