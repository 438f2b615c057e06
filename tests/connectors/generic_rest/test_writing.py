"""Creates, updates and deletes, as an API's answers make them."""

from datetime import timedelta

import orjson
import pytest

from connectors.base.errors import ConfigError, NotFound, Rejected, Stale, Transient, UnknownOutcome
from connectors.base.http import HttpResponse
from connectors.base.records import ExternalRecord
from tests.connectors.base.fakes import START

from .helpers import document, json, requests, told

OLD = ExternalRecord("7", {"id": 7, "title": "old", "address": {"city": "Lyon", "zip": "1"}, "rev": 3}, version="3")
EMPTY = HttpResponse(204, {}, b"")


def create(config, *answers, fields=None, **options):
    connector = told(config, *answers, **options)
    record = connector.create(connector.resource("task"), fields or {"title": "new"}, key="key-1")
    return connector, record


def update(config, *answers, fields=None, current=OLD):
    connector = told(config, *answers)
    record = connector.update(connector.resource("task"), "7", fields or {"title": "new"}, current=current)
    return connector, record


def delete(config, *answers):
    connector = told(config, *answers)
    connector.delete(connector.resource("task"), "7")
    return connector


def body(connector, at=0):
    return orjson.loads(requests(connector)[at].body)


def test_create_takes_the_record_of_the_answer():
    task = {"record": "data", "create": {"wrap": "data", "ok": [201]}, "list": {}}
    connector, record = create(document(task), json({"data": {"id": 9, "title": "new"}}, 201))
    assert record.id == "9"
    assert body(connector) == {"data": {"title": "new"}}


def test_create_sends_our_key_as_the_client_id():
    connector, record = create(document({"create": {"client_id": "id"}}), json({"id": "key-1"}, 201))
    assert body(connector) == {"title": "new", "id": "key-1"}
    assert connector.resource("task").way_back == "client_id"
    assert record.id == "key-1"


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ({"returns": "id", "id_from": "created"}, json({"created": 9}, 201)),
        ({"returns": "location"}, HttpResponse(201, {"location": "https://api.example.com/v1/tasks/9"}, b"")),
        ({"returns": "id", "id_from": "Location"}, HttpResponse(201, {"location": "/v1/tasks/9"}, b"")),
    ],
)
def test_create_reads_back_what_the_answer_only_names(call, answer):
    connector, record = create(document({"create": call}), answer, json({"id": 9, "title": "new"}))
    assert record.fields["title"] == "new"
    assert requests(connector)[1].url.endswith("/tasks/9")


def test_create_without_any_id_is_an_unknown_outcome():
    with pytest.raises(UnknownOutcome):
        create(document({"create": {"returns": "nothing"}}), EMPTY)


def test_create_that_cannot_be_read_back_is_an_unknown_outcome():
    lost = Transient("The connection was refused.")
    with pytest.raises(UnknownOutcome):
        create(document({"create": {"returns": "id"}}), json({"id": 9}, 201), lost)


def test_a_body_may_be_a_list_of_one():
    connector, record = create(document({"create": {"body": "array"}}), json([{"id": 9}], 201))
    assert body(connector) == [{"title": "new"}]
    assert record.id == "9"


def test_a_refused_create_is_told_in_the_api_s_words():
    config = document(errors={"message": ["errors[0].message"], "code": ["errors[0].code"]})
    with pytest.raises(Rejected, match="title is too long") as raised:
        create(config, json({"errors": [{"message": "title is too long", "code": "LONG"}]}, 400))
    assert raised.value.provider_code == "LONG"


def test_a_200_that_says_false_is_refused():
    with pytest.raises(Rejected, match="no_permission"):
        create(document(errors={"ok_false": "ok", "message": ["error"]}), json({"ok": False, "error": "no_permission"}))


def test_update_keeps_the_members_of_an_object_that_are_not_written():
    connector, _ = update(document(), json({"id": 7}), fields={"address": {"city": "Leeds"}})
    assert body(connector) == {"address": {"city": "Leeds", "zip": "1"}}


def test_a_replacing_update_reads_merges_and_writes():
    fresh = json({"id": 7, "title": "old", "colour": "red"})
    task = {"update": {"verb": "PUT", "partial": False}}
    connector, record = update(document(task), fresh, json({"id": 7, "title": "new", "colour": "red"}))
    assert [request.method for request in requests(connector)] == ["GET", "PUT"]
    assert body(connector, 1) == {"id": 7, "title": "new", "colour": "red"}
    assert record.fields["title"] == "new"


def test_a_replacing_update_is_stale_when_the_field_has_moved():
    with pytest.raises(Stale):
        update(document({"update": {"verb": "PUT", "partial": False}}), json({"id": 7, "title": "theirs"}))


def test_an_update_that_returns_nothing_is_read_back():
    connector, record = update(document({"update": {"returns": "nothing"}}), EMPTY, json({"id": 7, "title": "new"}))
    assert record.fields["title"] == "new"
    assert [request.method for request in requests(connector)] == ["PATCH", "GET"]


DIRECTUS = {"update": {"ok": [200]}, "not_found": [403, 404]}


def test_a_2xx_that_is_not_ok_of_a_missing_record_is_not_found():
    with pytest.raises(NotFound):
        update(document(DIRECTUS), EMPTY, json({"errors": []}, 403))


def test_a_2xx_that_is_not_ok_counts_if_the_values_are_there():
    _, record = update(document(DIRECTUS), EMPTY, json({"id": 7, "title": "new"}))
    assert record.fields["title"] == "new"
    with pytest.raises(Rejected, match="changed nothing"):
        update(document(DIRECTUS), EMPTY, json({"id": 7, "title": "old"}))


def test_a_version_is_sent_as_a_header_or_in_the_body():
    connector, record = update(document({"version": "header:ETag"}), json({"id": 7}, etag="4"))
    assert requests(connector)[0].headers["If-Match"] == "3"
    assert record.version == "4"
    connector, _ = update(document({"version": {"read": "rev", "send": "body:rev"}}), json({"id": 7, "rev": 4}))
    assert body(connector) == {"title": "new", "rev": 3}


@pytest.mark.parametrize(("version", "status"), [("header:ETag", 412), ({"read": "rev", "send": "body:rev"}, 409)])
def test_a_version_that_moved_is_stale(version, status):
    with pytest.raises(Stale):
        update(document({"version": version}), json({"message": "moved"}, status))


def test_an_id_that_changes_is_refused():
    with pytest.raises(Rejected, match="another id"):
        update(document(), json({"id": 8}))


def test_servers_without_stamps_get_ours():
    connector, _ = update(document({"stamp": "updated_at"}, dates={"out": "iso_ms_z"}), json({"id": 7}))
    assert body(connector)["updated_at"] == "2026-01-01T00:00:00.000Z"


def test_datetimes_are_written_as_configured():
    config = document(dates={"out": "epoch_ms"})
    connector, _ = create(config, json({"id": 9}), fields={"at": "2026-01-01T00:00:00.000000Z", "on": "2026-01-01"})
    assert body(connector) == {"at": 1767225600000, "on": "2026-01-01"}


def test_a_record_that_is_gone_already_is_deleted():
    assert requests(delete(document(), json({}, 404)))[0].method == "DELETE"


def test_an_archive_is_a_patch():
    task = {"delete": {"verb": "PATCH", "body": {"archived": True}, "kind": "archive"}}
    connector = delete(document(task), json({"id": 7}))
    assert (requests(connector)[0].method, body(connector)) == ("PATCH", {"archived": True})
    assert connector.resource("task").delete_kind == "archive"


def test_a_delete_that_answers_oddly_is_read_again():
    delete(document({"delete": {"ok": [204]}}), json({"queued": True}, 202), json({}, 404))
    with pytest.raises(Rejected, match="nothing is gone"):
        delete(document({"delete": {"ok": [204]}}), json({"queued": True}, 202), json({"id": 7}))


def test_what_is_not_configured_is_not_written():
    config = document({"delete": {"kind": "none"}, "update": None})
    with pytest.raises(ConfigError, match="cannot be deleted"):
        delete(config)
    with pytest.raises(ConfigError, match="update"):
        update(config)


KEYED = {"create": {"natural_key": ["title"]}, "created_at": "made", "list": {}}


def found(config, *answers, fields=None, after=START):
    connector = told(config, *answers)
    records = connector.find_created(connector.resource("task"), fields or {"title": "new"}, key="key-1", after=after)
    return [record.id for record in records]


def test_a_lost_create_is_found_by_its_natural_key_and_time():
    rows = [
        {"id": 1, "title": "new", "made": "2025-12-31T10:00:00Z"},
        {"id": 2, "title": "new", "made": "2026-01-01T00:00:01Z"},
        {"id": 3, "title": "other", "made": "2026-01-01T00:00:01Z"},
    ]
    assert found(document(KEYED), json(rows)) == ["2"]


def test_another_record_of_the_same_key_is_not_taken_for_a_lost_create():
    """A person is shown it: it may be ours and edited since."""
    rows = [{"id": 2, "title": "new", "due": "", "made": "2026-01-01T00:00:01Z"}]
    config = document(KEYED)
    assert found(config, json(rows), fields={"title": "new", "due": "2026-05-01"}) == []
    assert found(config, json(rows), fields={"title": "new", "due": None}) == ["2"]
    connector = told(config, json(rows))
    shown = connector.possibly_created(connector.resource("task"), after=START)
    assert [record.id for record in shown] == ["2"]


def test_the_time_is_the_api_s_own():
    """Its clock runs an hour behind ours."""
    rows = [{"id": 2, "title": "new", "made": "2025-12-31T23:00:01Z"}]
    assert found(document(KEYED), json(rows, date="Wed, 31 Dec 2025 23:00:02 GMT"), after=START - timedelta(0)) == ["2"]


def test_nothing_to_look_for_is_never_taken_for_nothing_found():
    with pytest.raises(UnknownOutcome, match="title"):
        found(document(KEYED), json([]), fields={"title": ""})


def test_a_lost_create_with_a_client_id_is_one_read():
    config = document({"create": {"client_id": "id"}})
    assert found(config, json({"id": "key-1"})) == ["key-1"]
    assert found(config, json({}, 404)) == []
