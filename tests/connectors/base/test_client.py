import pytest

from connectors.base.answers import ErrorRules
from connectors.base.auth import ApiKeyQuery, BearerToken
from connectors.base.client import RestClient
from connectors.base.errors import (
    AuthError,
    ConfigError,
    ConnectorError,
    NotFound,
    RateLimited,
    Rejected,
    Stale,
    Transient,
    UnknownOutcome,
)

from .fakes import answer, context

STATUSES = [
    (400, Rejected, Rejected),
    (401, AuthError, AuthError),
    (402, ConfigError, ConfigError),
    (403, ConfigError, ConfigError),
    (404, NotFound, NotFound),
    (405, ConfigError, ConfigError),
    (408, Transient, UnknownOutcome),
    (409, Rejected, Rejected),
    (410, NotFound, NotFound),
    (412, Stale, Stale),
    (413, Rejected, Rejected),
    (418, Rejected, Rejected),
    (422, Rejected, Rejected),
    (429, RateLimited, RateLimited),
    (500, Transient, UnknownOutcome),
    (503, Transient, UnknownOutcome),
    (599, Transient, UnknownOutcome),
]


def fails(method, *answers, rules=None, **options):
    client = RestClient(context(*answers), rules=rules, **options)
    with pytest.raises(ConnectorError) as caught:
        client.request(method, "/tasks", json={} if method != "GET" else None)
    return caught.value, client


@pytest.mark.parametrize(("status", "on_read", "on_write"), STATUSES)
def test_each_status_has_one_meaning(status, on_read, on_write):
    assert type(fails("GET", answer(status))[0]) is on_read
    problem, client = fails("POST", answer(status))
    assert type(problem) is on_write
    assert client.calls == client.writes == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"errors":[{"message":"bad gid"}]}', "bad gid"),
        (b'{"error":{"message":"no title"}}', "no title"),
        (b'{"error":"plain"}', "plain"),
        (b"just text", "just text"),
        (b"", "did not accept the values"),
        (b"<html><b>Oops</b></html>", "web page"),
    ],
)
def test_the_providers_own_words_are_kept(body, words):
    problem, _ = fails("POST", answer(422, body))
    assert words in problem.message
    assert "<" not in problem.message


@pytest.mark.parametrize(
    ("value", "expected"),
    [("30", 30), ("1.5", 1.5), ("Thu, 01 Jan 2026 00:01:00 GMT", 60), ("soon", None), ("-4", 0)],
)
def test_retry_after_is_seconds_or_a_date(value, expected):
    problem, _ = fails("GET", answer(429, retry_after=value))
    assert problem.retry_after == expected


def test_an_http_date_is_measured_on_the_providers_clock():
    skewed = answer(429, date="Thu, 01 Jan 2026 01:00:00 GMT", retry_after="Thu, 01 Jan 2026 01:00:30 GMT")
    assert fails("GET", skewed)[0].retry_after == 30


def test_503_with_retry_after_is_a_limit():
    assert type(fails("POST", answer(503, retry_after="5"))[0]) is RateLimited


@pytest.mark.parametrize(("method", "error", "calls"), [("GET", Transient, 3), ("POST", UnknownOutcome, 1)])
def test_a_lost_answer_is_repeated_only_for_reads(method, error, calls):
    problem, client = fails(method, UnknownOutcome("lost"))
    assert type(problem) is error
    assert client.calls == calls


def test_a_write_that_never_arrived_is_repeated():
    client = RestClient(context(Transient("no route"), answer(201, b'{"id":1}')))
    assert client.post("/tasks", {}).data == {"id": 1}
    assert client.calls == 2


def test_a_reading_post_is_a_read():
    problem = Transient("x", status=502)
    client = RestClient(context(answer(502), problem, answer(200, b"[]")))
    assert client.post("/search", {}, writes=False).data == []
    assert client.writes == 0


@pytest.mark.parametrize(
    ("method", "response", "error", "words"),
    [
        ("GET", answer(200, b"<html>login"), ConfigError, "web page"),
        ("POST", answer(200, b"<html>login"), UnknownOutcome, "web page"),
        ("GET", answer(200, b'{"data":['), Transient, "broke off"),
        ("POST", answer(200, b'{"data":['), UnknownOutcome, "broke off"),
        ("GET", answer(302, b"", location="https://evil.example/x"), ConfigError, "another host"),
        ("POST", answer(307, b"", location="/v1/other"), ConfigError, "redirects"),
        ("GET", answer(302, b"", location="/v1/tasks"), ConfigError, "redirects"),
        ("GET", answer(200, b"[" + b"1," * 60 + b"1]"), ConfigError, "larger than"),
        ("POST", answer(200, b"[" + b"1," * 60 + b"1]"), UnknownOutcome, "larger than"),
    ],
)
def test_odd_answers(method, response, error, words):
    problem, _ = fails(method, response, max_bytes=100)
    assert type(problem) is error
    assert words in problem.message


def test_a_redirect_inside_the_origin_is_followed_for_reads():
    given = context(answer(301, b"", location="/v2/tasks"), answer(200, b'{"ok":1}'))
    assert RestClient(given).get("/tasks").data == {"ok": 1}
    assert given.transport.requests[-1].url == "https://api.example.com/v2/tasks"


def test_a_200_that_says_it_failed_is_an_error():
    rules = ErrorRules(ok_false="ok", message=("error",))
    problem, _ = fails("POST", answer(200, b'{"ok":false,"error":"no_channel"}'), rules=rules)
    assert type(problem) is Rejected
    assert problem.message == "no_channel"
    hooked = ErrorRules(failure=lambda status, data, writes: Stale("old") if writes else None)
    assert type(fails("POST", answer(200), rules=hooked)[0]) is Stale


@pytest.mark.parametrize(
    "path", ["https://evil.example/v1", "http://api.example.com/v1", "https://api.example.com:444/"]
)
def test_another_origin_is_never_called(path):
    client = RestClient(context(answer()))
    with pytest.raises(ConfigError):
        client.get(path)
    assert client.calls == 0


@pytest.mark.parametrize(
    ("arrays", "query"),
    [("repeat", "a=1&a=2"), ("brackets", "a[]=1&a[]=2"), ("indices", "a[0]=1&a[1]=2"), ("comma", "a=1,2")],
)
def test_query_arrays(arrays, query):
    client = RestClient(context(answer()), arrays=arrays)
    assert client.url("/t", {"a": [1, 2], "none": None}) == f"https://api.example.com/v1/t?{query}"


def test_no_secret_in_the_log_or_in_an_error():
    calls = []
    given = context(answer(401, b'{"message":"key s3cr3t-value is bad"}'), on_call=calls.append)
    given.credentials = {"api_key": "s3cr3t-value"}
    client = RestClient(given, auth=ApiKeyQuery({"k": "{api_key}"}))
    with pytest.raises(AuthError) as caught:
        client.get("/tasks?access_token=abc&x=1")
    assert "k=s3cr3t-value" in given.transport.requests[0].url
    assert "s3cr3t" not in str(caught.value)
    assert calls[0].url.endswith("access_token=[redacted]&x=1")
    assert (calls[0].method, calls[0].status) == ("GET", 401)


def test_a_refused_oauth_token_is_replaced_once():
    from connectors.base.auth import OAuth2, OAuth2Config

    given = context(answer(401), answer(200, b'{"ok":1}'))
    given.token = lambda stale=None: "new" if stale == "old" or given.transport.requests else "old"
    client = RestClient(given, auth=OAuth2(OAuth2Config("https://a/", "https://t/")))
    assert client.post("/tasks", {}).data == {"ok": 1}
    assert [r.headers["Authorization"] for r in given.transport.requests] == ["Bearer old", "Bearer new"]


def test_a_second_refusal_is_final():
    from connectors.base.auth import OAuth2, OAuth2Config

    given = context(answer(401))
    given.token = lambda stale=None: f"{stale}+"
    client = RestClient(given, auth=OAuth2(OAuth2Config("https://a/", "https://t/")))
    with pytest.raises(AuthError):
        client.get("/tasks")
    assert client.calls == 2


def test_a_joined_url_is_freed_of_credentials():
    client = RestClient(context(answer()), auth=ApiKeyQuery({"key": "{api_key}"}))
    assert client.join("/v1/t?page=2&key=abc", "https://api.example.com/v1/t") == "https://api.example.com/v1/t?page=2"


def test_the_budget_hears_what_the_provider_says():
    heard = []

    class Budget:
        def take(self, calls=1, *, priority=False):
            heard.append(priority)

        def heard(self, **said):
            heard.append(said)

    client = RestClient(context(answer(200, x_ratelimit_remaining="7"), budget=Budget()), auth=None)
    client.get("/t", priority=True)
    assert heard == [True, {"remaining": 7}]


def test_missing_credentials_are_named():
    with pytest.raises(ConfigError, match="Token is missing"):
        BearerToken().check({})
