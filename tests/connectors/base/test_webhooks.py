from datetime import UTC, datetime, timedelta

import pytest

from connectors.base.http import HttpRequest
from connectors.base.webhooks import (
    BadPayload,
    BadSignature,
    BadTimestamp,
    DefaultWebhooks,
    Hmac,
    StandardWebhooks,
    StaticToken,
    WebhookError,
    payload,
    verify_hmac,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BODY = b'{"type":"task.updated","timestamp":"2026-01-01T00:00:00Z","data":{"id":"tsk_1","title":"Inspect attic"}}'
MESSAGE = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"
FIRST = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcY"
NEXT = "whsec_GRobHB0eHyAhIiMkJSYnKCkqKywtLi8w"
BY_FIRST = "v1,w+71kBhApu+Jm1sfxYnsGx/ocY/pF9iBp03hipzy1e4="
BY_NEXT = "v1,7PxvzusZjWL5VPDNxI28ZNPaqmeDvMoXVS6PbSKcWd4="
R1 = "5c19d2a78aac7174b80f7ced0955a9d38567ae2ca27c75a12e2cefdb28b35422"
R1_STAMPED = "f6094a23cfd80b6be6294382c55a2e827d6d19148c825380218f16c80806586c"


def standard(signature, stamp="1767225600", body=BODY, secrets=(FIRST,), now=NOW):
    headers = {"Webhook-Id": MESSAGE, "Webhook-Timestamp": stamp, "Webhook-Signature": signature}
    StandardWebhooks().verify(HttpRequest("POST", "https://h/x", headers, body), secrets, now=now)


@pytest.mark.parametrize(
    "signature",
    [BY_FIRST, f"{BY_FIRST} {BY_NEXT}", f"{BY_NEXT} v9,zzzz garbage {BY_FIRST}", f"v1, v1,! {BY_FIRST}"],
)
def test_standard_vectors_pass(signature):
    standard(signature)


def test_rotation_accepts_either_secret():
    standard(BY_NEXT, secrets=(FIRST, NEXT))
    standard(BY_FIRST, secrets=(NEXT, FIRST))


@pytest.mark.parametrize(
    ("signature", "options"),
    [
        ("v1,I8dUA4UWu1M2xOKjJJK/6QfMEkF1Eqc2daFOhrugbjQ=", {}),
        ("v1a," + BY_FIRST[3:], {}),
        (BY_NEXT, {}),
        ("", {}),
        ("v1,ü", {}),
        (BY_FIRST, {"body": BODY + b" "}),
        (BY_FIRST, {"secrets": ()}),
        ("v1,", {"secrets": ("whsec_",)}),
    ],
)
def test_standard_forgeries_fail(signature, options):
    with pytest.raises(BadSignature):
        standard(signature, **options)


@pytest.mark.parametrize("stamp", ["1767225600.0", "+1767225600", "١٧٦٧٢٢٥٦٠٠", "", "1" * 14])
def test_a_stamp_is_plain_digits(stamp):
    with pytest.raises(BadTimestamp):
        standard(BY_FIRST, stamp=stamp)


@pytest.mark.parametrize("seconds", [301, -301])
def test_the_window_is_five_minutes_both_ways(seconds):
    standard(BY_FIRST, now=NOW + timedelta(seconds=seconds - (1 if seconds > 0 else -1)))
    with pytest.raises(BadTimestamp):
        standard(BY_FIRST, now=NOW + timedelta(seconds=seconds))


def test_standard_signing_makes_the_vector():
    made = StandardWebhooks().sign(MESSAGE, BODY, [FIRST, NEXT], at=NOW)
    assert made["webhook-signature"] == f"{BY_FIRST} {BY_NEXT}"


VECTORS = [
    (Hmac("X-Hub-Signature-256", prefix="sha256="), "It's a Secret to Everybody (ours)",
     "sha256=172ed3c94879818cf73dde6f2dbab60918f3d0e01f32dd5ff5e07b18cf0080ea"),
    (Hmac("X-Webhook-Signature"), "whsec_test123", R1),
    (Hmac("S", signed="{timestamp}.{body}", stamp="T"), "whsec_test_secret_value",
     "2b49eb9ecfd475626d14a71860debd5be5f192f398133495905097de9ea3d1d5"),
]  # fmt: skip


@pytest.mark.parametrize(("scheme", "secret", "signature"), VECTORS)
def test_provider_vectors(scheme, secret, signature):
    request = HttpRequest("POST", "https://h/x", {scheme.header.lower(): signature, "t": "1767225600"}, BODY)
    scheme.verify(request, [secret], now=NOW)
    with pytest.raises(BadSignature):
        scheme.verify(request, [secret + "x"], now=NOW)


@pytest.mark.parametrize(("signed_stamp", "signature"), [(False, R1), (True, R1_STAMPED)])
def test_the_default_scheme(signed_stamp, signature):
    scheme = DefaultWebhooks(signed_stamp)
    made = scheme.sign("task.updated", BODY, "whsec_test123", at=NOW)
    assert made["X-Webhook-Signature"] == signature
    request = HttpRequest("POST", "", made, BODY)
    scheme.verify(request, ["whsec_test123"], now=NOW)
    with pytest.raises(BadTimestamp):
        scheme.verify(request, ["whsec_test123"], now=NOW + timedelta(minutes=6))


def test_sha1_base64_over_body_and_url():
    scheme = Hmac("X-Trello-Webhook", "sha1", "base64", signed="{body}{url}")
    request = HttpRequest("POST", "https://h/x", {"X-Trello-Webhook": "9MJWJP3hbWRvNqvr3Vs9ChYWH2M="}, b"{}")
    with pytest.raises(BadSignature):
        scheme.verify(request, ["secret"], now=NOW)
    assert scheme.message(request) == b"{}https://h/x"


def test_a_static_token():
    request = HttpRequest("POST", "", {"X-Token": "one"}, b"")
    StaticToken("X-Token").verify(request, ["two", "one"], now=NOW)
    for secrets in (["two"], [], [""]):
        with pytest.raises(BadSignature):
            StaticToken("X-Token").verify(request, secrets, now=NOW)


def test_verify_hmac():
    verify_hmac(BODY, R1, "whsec_test123")
    for given, secrets in [(R1, "other"), (R1, ""), (R1, []), ("zz", "whsec_test123"), (R1[:-1], "whsec_test123")]:
        with pytest.raises(BadSignature):
            verify_hmac(BODY, given, secrets)


def test_payload():
    assert payload(HttpRequest("POST", "", {}, b"[1]")) == [1]
    with pytest.raises(BadPayload):
        payload(HttpRequest("POST", "", {}, b"{"))


def test_the_answer_to_the_sender_follows_from_the_error():
    assert [each.status for each in (WebhookError, BadSignature, BadTimestamp, BadPayload)] == [401, 401, 401, 400]
