"""Every kind of fault does what its line says, in process and over HTTP alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from connectors.base.errors import Transient, UnknownOutcome
from connectors.base.sandbox.faults import KINDS, Fault, FaultBook
from connectors.base.sandbox.ports import SeededRng
from connectors.base.sandbox.transport import InProcessTransport
from connectors.base.webhooks import BadSignature, DefaultWebhooks

from .net import Ear, Net


def refused(net: Net) -> None:
    net.fault("refused")
    with pytest.raises(UnknownOutcome if net.over_http else Transient):
        net.post(first_name="a")
    assert net.stored == []


def fail_before_write(net: Net) -> None:
    net.fault("fail_before_write")
    assert net.send("GET", "/contacts").status == 200
    with pytest.raises(UnknownOutcome):
        net.post(first_name="a")
    net.fault("fail_before_write", status=503)
    assert (net.post(first_name="a").status, net.stored) == (503, [])


def lose_response(net: Net) -> None:
    net.fault("lose_response")
    with pytest.raises(UnknownOutcome):
        net.post(first_name="a")
    assert [entry.fields["first_name"] for entry in net.stored] == ["a"]


def rate_limited(net: Net) -> None:
    net.fault("rate_limited", retry_after=9)
    net.fault("rate_limited", retry_after=None)
    answers = [net.post(first_name="a") for _ in range(2)]
    assert [(each.status, each.headers.get("retry-after")) for each in answers] == [(429, "9"), (429, None)]
    assert net.stored == []


def server_error(net: Net) -> None:
    net.fault("server_error")
    net.fault("server_error", status=502)
    assert [net.post(first_name="a").status for _ in range(3)] == [500, 502, 201]


def slow(net: Net) -> None:
    net.fault("slow", seconds=40)
    before = net.clock.monotonic()
    assert net.send("GET", "/contacts", timeout=60).status == 200
    assert net.clock.monotonic() - before >= 40


def truncated(net: Net) -> None:
    net.seed(3)
    net.fault("truncated")
    half = net.send("GET", "/contacts").body
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(half)
    net.fault("truncated", connection=True)
    with pytest.raises(UnknownOutcome):
        net.send("GET", "/contacts")


def ok_with_error_body(net: Net) -> None:
    net.fault("ok_with_error_body")
    answer = net.post(first_name="a")
    assert (answer.status, list(orjson.loads(answer.body)), net.stored) == (200, ["error"], [])


def html(net: Net) -> None:
    net.fault("html", status=503)
    answer = net.send("GET", "/contacts")
    assert (answer.status, answer.headers["content-type"], answer.body[:9]) == (503, "text/html", b"<!DOCTYPE")


def token_expired(net: Net) -> None:
    net.fault("token_expired")
    assert [net.send("GET", "/contacts").status for _ in range(2)] == [401, 200]


def shifting_pages(net: Net) -> None:
    seeded = net.seed(5)
    net.fault("shifting_pages", by=1)
    net.fault("shifting_pages", by=-1)
    shown = [[row["id"] for row in net.get("/contacts?per_page=2&page=2")["data"]] for _ in range(3)]
    assert shown == [seeded[3:5], seeded[1:3], seeded[2:4]]


def rounded_stamps(net: Net) -> None:
    net.fault("rounded_stamps", times=None, seconds=60)
    stamp = datetime.fromisoformat(orjson.loads(net.post(first_name="a").body)["updated_at"])
    assert (stamp.second, stamp.microsecond) == (0, 0)


def late_commits(net: Net) -> None:
    net.fault("late_commits", seconds=30)
    net.post(first_name="a")
    behind = net.clock.now() - net.stored[0].modified_at
    assert timedelta(seconds=30) <= behind < timedelta(seconds=35)


def search_lag(net: Net) -> None:
    net.fault("search_lag", times=None, seconds=20)
    net.post(first_name="a")
    early = net.get("/contacts")["data"]
    net.clock.sleep(21)
    assert (early, len(net.get("/contacts")["data"])) == ([], 1)


def rewrite_values(net: Net) -> None:
    how = {"first_name": "strip", "last_name": "upper", "company": "truncate:3", "phone": "suffix: x"}
    net.fault("rewrite_values", fields=how)
    net.post(first_name=" a  b ", last_name="c", company="abcdef", phone="1")
    stored = net.stored[0].fields
    assert [stored[name] for name in how] == ["a b", "C", "abc", "1 x"]


def hard_delete(net: Net) -> None:
    gone, trashed = net.seed(2)
    net.fault("hard_delete")
    assert [net.send("DELETE", f"/contacts/{each}").status for each in (gone, trashed)] == [204, 204]
    assert [entry.deleted for entry in net.stored if entry.id in (gone, trashed)] == [True]


def soft_delete(net: Net) -> None:
    (kept,) = net.seed(1)
    net.fault("soft_delete")
    net.twin.trash(net.twin.found("contacts", kept), author="person", soft=False)
    assert [(entry.id, entry.deleted) for entry in net.stored] == [(kept, True)]


def webhook_dropped(net: Net) -> None:
    assert told(net, "webhook_dropped", 2).hears(["1"])


def webhook_repeated(net: Net) -> None:
    assert told(net, "webhook_repeated", 2, times=3).hears(["0", "0", "0", "1"])


def webhook_reordered(net: Net) -> None:
    assert told(net, "webhook_reordered", 3, after=1).hears(["1", "0", "2"])


def webhook_late(net: Net) -> None:
    ear = told(net, "webhook_late", 2, seconds=50)
    assert ear.hears(["1"])
    net.clock.sleep(51)
    assert ear.hears(["1", "0"])


def webhook_wrongly_signed(net: Net) -> None:
    ear = told(net, "webhook_wrongly_signed", 2)
    assert ear.hears(["0", "1"])
    wrong, right = ear.received[-2:]
    DefaultWebhooks().verify(right, ["s3cret"], now=net.clock.now())
    with pytest.raises(BadSignature):
        DefaultWebhooks().verify(wrong, ["s3cret"], now=net.clock.now())


def told(net: Net, kind: str, count: int, after: int = 0, **params: object) -> Ear:
    """What hears of `count` new records, named by number; the fault strikes the one at `after`."""
    ear = Ear(net)
    for number in range(count):
        if number == after:
            net.twin.faults.add(Fault(kind, params=params))
        net.twin.hand_create("contacts", {"first_name": str(number)})
    return ear


CASES: dict[str, Callable[[Net], None]] = {
    case.__name__: case
    for case in (
        refused, fail_before_write, lose_response, rate_limited, server_error, slow, truncated, ok_with_error_body,
        html, token_expired, shifting_pages, rounded_stamps, late_commits, search_lag, rewrite_values, hard_delete,
        soft_delete, webhook_dropped, webhook_repeated, webhook_reordered, webhook_late, webhook_wrongly_signed,
    )
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_does_what_it_says(net: Net, kind: str) -> None:
    CASES[kind](net)
    assert net.twin.faults.fired[kind] >= 1


def test_a_fault_strikes_where_and_as_often_as_told(net: Net) -> None:
    net.twin.faults.add(Fault("server_error", ("GET", "^/tasks"), times=2))
    assert [net.send("GET", each).status for each in ("/contacts", "/tasks", "/tasks", "/tasks")] == [
        200,
        500,
        500,
        200,
    ]
    assert net.send("POST", "/contacts", {"first_name": "a"}).status == 201


def test_a_slow_answer_is_too_late_though_the_write_is_done(net: Net) -> None:
    if net.over_http:
        pytest.skip("Time is not waited for here, so a socket never notices.")
    net.fault("slow", seconds=40)
    with pytest.raises(UnknownOutcome, match="within 10 s"):
        net.post(first_name="a")
    assert len(net.stored) == 1


def test_the_in_process_transport_counts_what_may_write(net: Net) -> None:
    transport = InProcessTransport(net.twin)
    net.transport, net.url = transport, "https://twin.example/generic_rest"
    net.post(first_name="a")
    net.get("/contacts")
    assert (transport.mutating, dict(transport.calls)) == (1, {"POST": 1, "GET": 1})


def test_chance_is_kept_by_its_seed() -> None:
    def strikes() -> list[bool]:
        book = FaultBook(SeededRng(7))
        book.add(Fault("slow", times=None, probability=0.5))
        return [book.draw("slow") is not None for _ in range(40)]

    assert strikes() == strikes()
    assert 8 < sum(strikes()) < 32


@pytest.mark.parametrize("data", [{"kind": "nonsense"}, {"kind": "slow", "speed": 1}, {}])
def test_an_unknown_fault_is_refused_with_a_sentence(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"(There is no fault|A fault has no) .+\."):
        Fault.from_json(data)


def test_stamps_are_utc(net: Net) -> None:
    net.post(first_name="a")
    assert net.stored[0].created_at.tzinfo is UTC
