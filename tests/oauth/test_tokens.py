"""Access tokens: refreshed ahead, once for everybody, and what happens when they cannot be."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import transaction
from django.db.models import QuerySet

from connectors.base.errors import AuthError, ConfigError, ConnectorError, Transient
from connectors.base.sandbox.oauth import SignsIn
from console.wizard.forms import CredentialsForm
from integrations.enums import IntegrationStatus
from integrations.models import IntegrationDraft, OAuthGrant
from integrations.oauth import grants
from integrations.oauth.tokens import token_source
from sync_engine.running import runs
from tests.oauth.scene import SignIns
from tests.subprocesses import database_url


@pytest.fixture
def signed(scene: SignIns) -> SignIns:
    scene.connect()
    scene.twin.log.clear()
    return scene


def source(scene: SignIns) -> Any:
    return token_source(scene.fresh(), scene.clock)


def test_a_token_that_lives_is_used_without_asking(signed: SignIns) -> None:
    get = source(signed)
    assert {get(), get()} == {signed.grant().access}
    assert signed.token_calls() == 0


def test_it_is_refreshed_ahead_of_its_end_and_both_tokens_are_stored(signed: SignIns) -> None:
    before = signed.grant()
    signed.clock.sleep(3600 - 299)
    fresh = source(signed)()
    after = signed.grant()
    assert fresh == after.access != before.access
    assert after.refresh != before.refresh
    assert (after.version, after.refresh_started_at) == (before.version + 1, None)
    assert fresh in signed.twin.oauth.people()


def test_a_long_run_gets_its_next_token_by_itself(signed: SignIns) -> None:
    connector = signed.connector()
    for _ in range(3):
        assert connector.test().id
        signed.clock.sleep(3500)
    assert signed.token_calls() == 2


def test_a_provider_that_does_not_rotate_keeps_its_refresh_token(signed: SignIns) -> None:
    signed.twin.oauth.rotate = False
    before = signed.grant().refresh
    signed.near_the_end()
    source(signed)()
    assert signed.grant().refresh == before


def test_a_refused_token_is_replaced_once(signed: SignIns) -> None:
    connector = signed.connector()
    connector.test()
    signed.clock.sleep(60)
    signed.twin.oauth.grants[0].access.clear()  # the provider forgot it before its time
    assert connector.test().id
    assert signed.token_calls() == 1


def test_a_token_fresh_from_the_provider_that_is_refused_is_not_asked_for_again(signed: SignIns) -> None:
    connector = signed.connector()
    signed.fault("token_expired", "/users/me", times=None)
    with pytest.raises(AuthError):
        connector.test()
    with pytest.raises(AuthError):
        connector.test()
    assert signed.token_calls() == 0


@pytest.fixture
def slow_provider(signed: SignIns, monkeypatch: pytest.MonkeyPatch) -> None:
    """So slow that everybody has asked before the first answer is there."""

    def slowly(twin: Any, call: Any) -> Any:
        time.sleep(0.3)
        return SignsIn.give_token(twin, call)

    route = next(one for one in signed.twin._routes if one.method == "POST" and one.pattern.match("/-/oauth_token"))
    routes = [replace(one, handler=slowly, locked=False) if one is route else one for one in signed.twin._routes]
    monkeypatch.setattr(signed.twin, "_routes", routes)


def ask_at_once(signed: SignIns, number: int) -> list[Any]:
    """What each of so many workers gets: a token or an error."""
    ready = Barrier(number)

    def ask(get: Any) -> Any:
        ready.wait()
        try:
            return get()
        except ConnectorError as problem:
            return problem

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(ask, [source(signed) for _ in range(number)]))


@pytest.mark.usefixtures("slow_provider")
def test_many_threads_refresh_once(signed: SignIns) -> None:
    signed.near_the_end()
    assert set(ask_at_once(signed, 6)) == {signed.grant().access}
    assert signed.token_calls() == 1
    assert signed.connector().test().id


@pytest.mark.usefixtures("slow_provider")
def test_without_the_lock_the_sign_in_would_die(signed: SignIns, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the lock is for, so that the test above is known to see it."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, *_, **__: rows)
    signed.near_the_end()
    found = ask_at_once(signed, 3)
    assert signed.token_calls() > 1
    assert any(isinstance(one, AuthError) for one in found)
    assert signed.twin.oauth.people() == {}


PROCESS = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()
from integrations.models import Integration
from integrations.oauth.tokens import token_source
from sync_engine.ports import ports
get = token_source(Integration.objects.get(pk=sys.argv[1]), ports().clock)
print("ready", flush=True)
sys.stdin.readline()
print(get(), flush=True)
"""


@pytest.mark.usefixtures("slow_provider")
def test_processes_refresh_once(signed: SignIns) -> None:
    signed.near_the_end()
    started = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, str(signed.asana.pk)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_environment(),
        )
        for _ in range(3)
    ]  # fmt: skip
    for one in started:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in started:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    said = {one.communicate(timeout=60)[0].strip() for one in started}
    assert said == {signed.grant().access}
    assert signed.token_calls() == 1


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "DATABASE_URL": database_url(), "ALLOW_PRIVATE_HOSTS": "1", "PYTHONPATH": os.getcwd()}


def test_a_refresh_is_committed_whatever_becomes_of_the_callers_work(signed: SignIns) -> None:
    signed.near_the_end()
    get = source(signed)
    with transaction.atomic():
        fresh = get()
        transaction.set_rollback(True)
    assert signed.grant().access == fresh


def test_revoked_it_asks_for_a_person_and_stops(signed: SignIns) -> None:
    signed.twin.oauth.revoke_everything()
    signed.near_the_end()
    get = source(signed)
    for _ in range(3):
        with pytest.raises(AuthError, match=r"no longer accepts this sign-in .* Press Connect and sign in again"):
            get()
    assert signed.token_calls() == 1
    assert signed.status()["state"] == "NEEDS_REAUTH"
    assert (signed.fresh().status, "Press Connect" in signed.fresh().last_error_message) == ("ERROR", True)


def test_a_run_on_a_revoked_sign_in_says_what_to_do_and_the_next_sign_in_goes_on(signed: SignIns) -> None:
    signed.twin.oauth.revoke_everything()
    signed.near_the_end()
    result = runs.execute(signed.fresh(), runs.Options())
    assert "Press Connect and sign in again" in result.error
    assert signed.fresh().status == IntegrationStatus.ERROR
    signed.connect()
    assert (signed.fresh().status, signed.fresh().last_error_message) == (IntegrationStatus.ACTIVE, "")
    assert not runs.execute(signed.fresh(), runs.Options()).error


def test_an_expired_refresh_token_asks_for_a_person(signed: SignIns) -> None:
    signed.twin.oauth.refresh_life = 86_400
    signed.clock.sleep(2 * 86_400)
    with pytest.raises(AuthError, match="Press Connect"):
        source(signed)()


def test_a_spent_refresh_token_kills_the_grant_and_is_not_tried_in_a_loop(signed: SignIns) -> None:
    stolen = signed.grant().refresh
    signed.near_the_end()
    source(signed)()
    OAuthGrant.objects.update(tokens=OAuthGrant(tokens={"access": "old", "refresh": stolen}).tokens)
    signed.near_the_end()
    with pytest.raises(AuthError):
        source(signed)()
    assert signed.twin.oauth.people() == {}
    assert signed.token_calls() == 2


def test_a_fault_at_the_token_url_uses_the_token_up_and_waits(signed: SignIns) -> None:
    token = signed.grant().access
    signed.clock.sleep(3600 - 200)
    signed.fault("server_error", times=None)
    get = source(signed)
    assert [get(), get(), get()] == [token] * 3
    assert signed.token_calls() == 1
    assert (signed.grant().failures, signed.status()["state"]) == (1, "CONNECTED")
    signed.clock.sleep(61)
    assert get() == token
    assert signed.token_calls() == 2
    signed.clock.sleep(300)
    with pytest.raises(Transient):
        get()
    assert signed.fresh().status == IntegrationStatus.ACTIVE
    signed.twin.faults.clear()
    assert get() == signed.grant().access != token
    assert signed.grant().failures == 0


def test_an_answer_lost_by_a_provider_with_grace_is_recovered(signed: SignIns) -> None:
    signed.twin.oauth.grace = 1800
    signed.near_the_end()
    signed.fault("lose_response")
    assert source(signed)() in signed.twin.oauth.people()
    assert signed.token_calls() == 2


def test_an_answer_lost_by_a_provider_without_grace_asks_for_a_person_at_once(signed: SignIns) -> None:
    signed.near_the_end()
    signed.fault("lose_response")
    get = source(signed)
    for _ in range(2):
        with pytest.raises(AuthError, match="Press Connect"):
            get()
    assert signed.token_calls() == 2
    assert signed.status()["state"] == "NEEDS_REAUTH"


def test_a_worker_that_died_between_the_answer_and_the_save_is_named(
    signed: SignIns, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed.near_the_end()

    class Killed(BaseException):
        pass

    def die(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(OAuthGrant, "save", die)
        with pytest.raises(Killed):
            source(signed)()
    left = signed.grant()
    assert left.refresh_started_at is not None
    signed.clock.sleep(1)
    with pytest.raises(AuthError, match="earlier renewal got lost"):
        source(signed)()
    assert signed.token_calls() == 2


def test_a_worker_that_died_is_made_good_where_the_provider_does_not_rotate(
    signed: SignIns, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed.twin.oauth.rotate = False
    signed.near_the_end()
    with monkeypatch.context() as dying:
        dying.setattr(OAuthGrant, "save", lambda *_: exec("raise SystemExit"))
        with pytest.raises(SystemExit):
            source(signed)()
    assert source(signed)() in signed.twin.oauth.people()
    assert signed.grant().refresh_started_at is None


def test_a_life_shorter_than_the_lead_is_used_for_its_half(signed: SignIns) -> None:
    signed.twin.oauth.access_life = 100
    signed.near_the_end()
    get = source(signed)
    first = get()
    signed.clock.sleep(40)
    assert get() == first
    signed.clock.sleep(20)
    assert get() != first


def test_a_wrong_client_is_a_matter_of_settings(signed: SignIns) -> None:
    signed.twin.oauth.clients = {}
    signed.near_the_end()
    OAuthGrant.objects.update(expires_at=signed.clock.now() - timedelta(seconds=1))
    with pytest.raises(ConfigError, match="client ID or the client secret"):
        source(signed)()
    assert signed.status()["state"] == "CONNECTED"


def test_what_the_provider_quotes_is_hidden(signed: SignIns) -> None:
    token = signed.grant().access
    connector = signed.connector()
    signed.fault("server_error", "/users/me", status=400, message=f"bad {token}")
    with pytest.raises(Exception, match=r"bad \[redacted\]"):
        connector.test()


def test_the_client_of_the_installation_serves_who_brings_none(signed: SignIns, settings: Any) -> None:
    from integrations.oauth.providers import client_credentials
    from tests.oauth.scene import CLIENT

    settings.OAUTH_CLIENTS = {"asana": {"client_id": "house", "client_secret": "house-secret"}}
    real = signed.integration("Real", credentials={}, base_url="https://app.asana.com/api/1.0")
    assert client_credentials(real) == settings.OAUTH_CLIENTS["asana"]
    assert client_credentials(signed.asana) == CLIENT
    wizard = CredentialsForm(IntegrationDraft(type="ASANA", answers={"auth_type": "OAUTH2", "base_url": real.base_url}))
    assert [field.required for field in wizard.fields.values()] == [False, False]
    moved = signed.integration("Moved", credentials={})
    assert client_credentials(moved) == {}, "the house's secret goes to the provider's own address only"


def test_sign_ins_that_would_die_unused_are_renewed(signed: SignIns) -> None:
    now = signed.clock.now()
    OAuthGrant.objects.update(refreshed_at=now, refresh_expires_at=now + timedelta(days=60))
    assert grants.keep_alive(signed.clock) == 0
    signed.clock.sleep(49 * 86_400)
    assert grants.keep_alive(signed.clock) == 1
    assert signed.token_calls() == 1
    signed.clock.sleep(31 * 86_400)
    assert grants.keep_alive(signed.clock) == 1
