"""The connector on its twin, over real HTTP."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.base.errors import AuthError, NotFound, RateLimited, Rejected, Stale, UnknownOutcome
from connectors.base.http import HttpResponse
from connectors.base.sandbox.faults import Fault
from connectors.base.sandbox.server import serve
from connectors.generic_rest.presets import preset
from connectors.generic_rest.probe import probe
from connectors.generic_rest.sandbox import GenericRestTwin

from .helpers import ids, live


@pytest.fixture
def serving():
    """serving(settings) -> (twin, server)."""
    servers = []

    def start(**settings):
        twin = GenericRestTwin(settings=settings)
        twin.seed_demo(205)
        servers.append(serve(0, [twin]))
        return twin, servers[-1]

    yield start
    for server in servers:
        server.stop()


PAGING = {
    "page": {"kind": "page", "param": "page", "size_param": "per_page", "size": 50, "total": "total"},
    "offset": {"kind": "offset", "param": "offset", "size_param": "per_page", "size": 50, "total": "total"},
    "cursor": {"kind": "cursor", "param": "cursor", "next": "next_cursor", "size_param": "per_page", "size": 50},
    "next_url": {"kind": "next_url", "next": "next", "size_param": "per_page", "size": 50},
    "link": {"kind": "link", "size_param": "per_page", "size": 50},
}


@pytest.mark.parametrize("paging", PAGING)
def test_paging_covers_each_id_once(serving, paging):
    twin, server = serving(paging=paging)
    config = preset("plain")
    listing = config["resources"]["contact"]["list"]
    listing["page"] = PAGING[paging]
    listing["records"] = "" if paging == "link" else "data"
    found = ids(live(server, config), "contact")
    assert len(found) == len(set(found)) == 205
    assert twin.counts["GET"] == 5


@pytest.mark.parametrize("one_second", [False, True])
def test_a_change_within_the_second_is_not_lost(serving, one_second):
    twin, server = serving(one_second=one_second)
    connector = live(server)
    contact = connector.resource("contact")
    cursor = max(record.updated_at for page in connector.pages(contact) for record in page.records)
    changed = twin.store.live("contacts")[3]
    twin.hand_update("contacts", changed.id, {"phone": "+1 555 0000"})
    assert changed.id in ids(connector, "contact", since=cursor - timedelta(seconds=contact.overlap))


def test_nothing_changed_is_an_empty_answer(serving):
    _, server = serving()
    assert ids(live(server), "contact", since=datetime.now(UTC) + timedelta(days=1)) == []


def test_it_creates_updates_and_deletes(serving):
    twin, server = serving()
    connector = live(server)
    contact = connector.resource("contact")
    made = connector.create(contact, {"email": "a@example.com", "address": {"city": "Lyon", "street": "x"}}, key="k")
    changed = connector.update(contact, made.id, {"address": {"city": "Leeds"}}, current=made)
    assert changed.fields["address"] == {"city": "Leeds", "street": "x"}
    assert twin.store.get("contacts", made.id).fields["address"]["city"] == "Leeds"
    connector.delete(contact, made.id)
    connector.delete(contact, made.id)
    with pytest.raises(NotFound):
        connector.fetch(contact, made.id)


def test_a_refused_write_is_told_in_the_api_s_words(serving):
    _, server = serving()
    connector = live(server)
    with pytest.raises(Rejected, match="is not an e-mail address") as raised:
        connector.create(connector.resource("contact"), {"email": "nobody"}, key="k")
    assert raised.value.provider_code == "invalid"


def test_bad_credentials(serving):
    _, server = serving(tokens={"other": "1"})
    with pytest.raises(AuthError):
        live(server).test()


def test_a_call_limit_tells_when_to_come_back(serving):
    twin, server = serving()
    twin.faults.add(Fault("rate_limited", params={"retry_after": 7}))
    with pytest.raises(RateLimited) as raised:
        live(server).test()
    assert raised.value.retry_after == 7


def test_a_lost_create_is_found_again(serving):
    twin, server = serving()
    connector = live(server)
    contact, fields = connector.resource("contact"), {"email": "lost@example.com"}
    twin.faults.add(Fault("lose_response"))
    before = datetime.now(UTC)
    with pytest.raises(UnknownOutcome):
        connector.create(contact, fields, key="k")
    (found,) = connector.find_created(contact, fields, key="k", after=before)
    assert found.fields["email"] == "lost@example.com"


def test_a_conditional_write_sees_another_hand(serving):
    twin, server = serving()
    config = preset("plain")
    config["resources"]["contact"]["version"] = "header:ETag"
    connector = live(server, config)
    contact = connector.resource("contact")
    read = connector.fetch(contact, twin.store.live("contacts")[0].id)
    twin.hand_update("contacts", read.id, {"phone": "1"})
    with pytest.raises(Stale):
        connector.update(contact, read.id, {"phone": "2"}, current=read)
    with pytest.raises(Stale):
        connector.delete(contact, read.id, current=read)
    connector.delete(contact, read.id, current=connector.fetch(contact, read.id))
    assert twin.store.get("contacts", read.id) is None


def test_deleted_records_are_listed_where_the_configuration_asks(serving):
    twin, server = serving()
    config = preset("plain")
    config["resources"]["contact"]["list"]["deleted_params"] = {"deleted": "true"}
    connector = live(server, config)
    start = datetime.now(UTC)
    gone = twin.store.live("contacts")[0].id
    twin.hand_delete("contacts", gone)
    pages = connector.pages(connector.resource("contact"), since=start - timedelta(milliseconds=50))
    assert gone in [record.id for page in pages for record in page.records if record.deleted]


def test_many_records_are_read_at_once(serving):
    twin, server = serving()
    config = preset("plain")
    config["query"] = {"arrays": "comma"}
    config["resources"]["contact"]["batch"] = {"list_ids": {"param": "ids", "max": 100}}
    connector = live(server, config)
    wanted = [entry.id for entry in twin.store.live("contacts")[:3]]
    found = connector.fetch_many(connector.resource("contact"), [*wanted, "gone"])
    assert [each for each, record in found.items() if record is None] == ["gone"]
    assert twin.counts["GET"] <= 2


def test_its_webhooks_are_signed_and_understood(serving):
    twin, server = serving()
    connector = live(server)
    taken = []
    twin.webhooks.deliver = lambda request: taken.append(request) or HttpResponse(200)
    twin.hook("https://lockstep.example.com/hook", "whsec_test")
    entry = twin.store.live("contacts")[0]
    twin.hand_update("contacts", entry.id, {"phone": "1"})
    twin.hand_delete("contacts", entry.id)
    while len(taken) < 2:
        twin.webhooks.pump()
    events = []
    for request in taken:
        connector.verify(request, ["whsec_test"], now=datetime.now(UTC))
        events += connector.events(request)
    assert [(event.resource, event.external_id, event.action) for event in events] == [
        ("contact", entry.id, "changed"),
        ("contact", entry.id, "deleted"),
    ]


def test_the_probe_reports_the_largest_page_and_an_empty_collection(serving):
    _, server = serving()
    report = probe(live(server), write={"contact": {"email": "probe@example.com", "phone": "1"}})
    assert report.page_sizes == {"contact": 100}
    assert [(line.subject, line.step) for line in report.lines if line.level != "green"] == [("task", "since")]


def test_the_probe_stops_at_bad_credentials(serving):
    _, server = serving(tokens={"other": "1"})
    report = probe(live(server))
    assert [(line.step, line.level) for line in report.lines] == [("check", "red")]
