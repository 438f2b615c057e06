"""What every connector keeps, on its twin over real HTTP. A new folder is tested by existing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.base import registry
from connectors.base.capabilities import Feeds, Pulls, Pushes
from connectors.base.errors import (
    AuthError,
    NotFound,
    Rejected,
    UnknownOutcome,
)
from connectors.base.levels import missing
from connectors.base.records import ExternalRecord

from .bench import CONTRACTS, Bench, shown, those
from .spec import has_document, required


@pytest.mark.parametrize("key", registry.keys())
def test_it_is_at_least_bronze(key: str) -> None:
    assert [rule.name for rule in missing(registry.get(key), "bronze")] == []


# Reading


@those(Pulls)
def test_bad_credentials_are_an_auth_error(bench: Bench) -> None:
    with pytest.raises(AuthError):
        bench.connect(bench.contract.bad_credentials).test()
    with pytest.raises(AuthError):
        bench.ids(bench.connect(bench.contract.bad_credentials))


@those(Pulls)
def test_the_connection_test_names_an_account(bench: Bench) -> None:
    assert bench.connect().test().id


@those(Pulls)
@pytest.mark.parametrize("size", [2, 3, 7, 100])
def test_pages_cover_each_record_once(bench: Bench, size: int) -> None:
    wanted = bench.seed(7)
    pages = bench.listed(bench.connect(page_size=size), size)
    assert sorted(each for page in pages for each in page) == sorted(wanted)
    assert max(len(page) for page in pages) <= size


@those(Pulls)
def test_reading_goes_on_from_a_continuation(bench: Bench) -> None:
    wanted = bench.seed(5)
    connector = bench.connect(page_size=2)
    first = next(connector.pages(replace(bench.resource(connector), page_size=2)))
    rest = bench.ids(connector, page_size=2, continuation=first.continuation)
    assert sorted([*(record.id for record in first.records), *rest]) == sorted(wanted)


@those(Pulls)
def test_an_empty_account_is_an_empty_listing(bench: Bench) -> None:
    assert bench.ids(bench.connect()) == []


@those(Pulls)
def test_since_gives_what_changed(bench: Bench) -> None:
    seeded = bench.seed(4)
    connector = bench.connect()
    if bench.resource(connector).updated_since is None:
        pytest.skip("The provider cannot be asked for changes.")
    bench.clock.sleep(2)  # a parameter may be spelled in whole seconds
    since = bench.clock.now()
    bench.tick()
    bench.twin.hand_update(bench.contract.collection, seeded[2], bench.contract.change)
    assert bench.ids(connector, since=since) == [seeded[2]]
    assert bench.ids(connector, since=bench.clock.now() + timedelta(hours=1)) == []


@those(Pulls)
def test_ids_alone_are_the_same_ids(bench: Bench) -> None:
    wanted = bench.seed(3)
    assert sorted(bench.ids(bench.connect(), ids_only=True)) == sorted(wanted)


@those(Pulls)
def test_a_missing_record_is_not_found(bench: Bench) -> None:
    connector = bench.connect()
    with pytest.raises(NotFound):
        connector.fetch(bench.resource(connector), bench.contract.missing)


@those(Pulls)
def test_many_are_read_with_none_for_a_missing_one(bench: Bench) -> None:
    seeded = bench.seed(3)
    connector = bench.connect()
    found: dict[str, ExternalRecord | None] = {}
    wanted = [*seeded, bench.contract.missing]
    size = connector.batch_size
    for start in range(0, len(wanted), size):
        found |= connector.fetch_many(bench.resource(connector), wanted[start : start + size])
    assert {key: record and record.id for key, record in found.items()} == {
        **{key: key for key in seeded},
        bench.contract.missing: None,
    }


@those(Pulls)
def test_the_providers_clock_comes_with_each_page(bench: Bench) -> None:
    bench.clock.sleep(3600)
    bench.seed(1)
    page = next(bench.connect().pages(bench.resource(bench.connect())))
    assert abs(page.read_at - bench.clock.now()) < timedelta(seconds=5)


# Writing


@those(Pushes)
def test_create_update_and_delete_are_read_back(bench: Bench) -> None:
    connector, contract = bench.connect(), bench.contract
    resource = bench.resource(connector)
    new = bench.made(connector)
    assert shown(connector.fetch(resource, new.id), contract.new) == contract.new
    changed = connector.update(resource, new.id, contract.change, current=new)
    assert shown(changed, contract.change) == contract.change
    kept = {name: value for name, value in contract.new.items() if name not in contract.change}
    assert shown(connector.fetch(resource, new.id), kept) == kept
    connector.delete(resource, new.id, current=changed)
    with pytest.raises(NotFound):
        connector.fetch(resource, new.id)


@those(Pushes)
def test_deleting_what_is_gone_is_success(bench: Bench) -> None:
    connector = bench.connect()
    new = bench.made(connector)
    connector.delete(bench.resource(connector), new.id)
    connector.delete(bench.resource(connector), new.id)
    assert bench.ids(connector) == []


@those(Pushes)
def test_a_refused_write_carries_the_providers_words(bench: Bench) -> None:
    connector = bench.connect()
    new = bench.made(connector)
    with pytest.raises(Rejected, match=bench.contract.words):
        connector.update(bench.resource(connector), new.id, bench.contract.refused, current=new)
    assert shown(connector.fetch(bench.resource(connector), new.id), bench.contract.new) == bench.contract.new


@those(Pushes)
def test_updating_what_is_gone_is_not_found(bench: Bench) -> None:
    connector = bench.connect()
    new = bench.made(connector)
    bench.twin.hand_delete(bench.contract.collection, new.id)
    with pytest.raises(NotFound):
        connector.update(bench.resource(connector), new.id, bench.contract.change, current=new)


@those(Pushes)
def test_a_lost_create_is_found_once(bench: Bench) -> None:
    bench.seed(3)
    connector = bench.connect()
    resource = bench.resource(connector)
    if resource.way_back == "none":
        pytest.skip("The provider offers no way back.")
    before = bench.clock.now()
    bench.fault("lose_response", times=1)
    with pytest.raises(UnknownOutcome):
        bench.made(connector)
    bench.clock.sleep(resource.search_lag)
    found = connector.find_created(resource, bench.contract.new, key="contract-1", after=before)
    assert [shown(record, bench.contract.new) for record in found] == [dict(bench.contract.new)]


@those(Pushes)
def test_a_create_that_never_arrived_is_not_found(bench: Bench) -> None:
    connector = bench.connect()
    before = bench.clock.now()
    bench.fault("fail_before_write", times=1)
    with pytest.raises(UnknownOutcome):
        bench.made(connector)
    found = connector.find_created(bench.resource(connector), bench.contract.new, key="contract-1", after=before)
    assert found == []


@those(Pushes)
@pytest.mark.parametrize("kind", ["server_error", "truncated", "html", "ok_with_error_body"])
def test_a_broken_answer_to_a_write_leaves_its_outcome_unknown(bench: Bench, kind: str) -> None:
    bench.fault(kind)
    with pytest.raises(UnknownOutcome):
        bench.made(bench.connect())


# The provider's own document


@pytest.mark.parametrize("bench", [key for key in CONTRACTS if has_document(key)], indirect=True)
def test_exchanges_fit_the_providers_specification(bench: Bench) -> None:
    seen = required(bench.twin)
    connector, contract = bench.connect(page_size=2), bench.contract
    resource = bench.resource(connector)
    bench.seed(3)
    connector.test()
    for each in connector.resources:
        list(connector.pages(replace(each, page_size=2), since=bench.clock.now() - timedelta(days=1)))
    new = connector.create(resource, contract.new, key="contract-1")
    connector.update(resource, new.id, contract.change, current=new)
    connector.fetch_many(resource, [new.id, contract.missing][: connector.batch_size])
    if isinstance(connector, Feeds):
        token = connector.feed(resource, None).token
        bench.twin.hand_update(contract.collection, new.id, contract.new)
        connector.feed(resource, token)
    connector.delete(resource, new.id)
    connector.delete(resource, new.id)
    assert (seen.problems, seen.seen > 8) == ([], True)
