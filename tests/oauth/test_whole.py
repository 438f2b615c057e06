"""Signing in and everything after it, as a whole: runs across many tokens, crashes, and nothing left in sight."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from config.logs import JsonFormatter
from integrations.models import OAuthAttempt, OAuthGrant
from records import catalog, services
from records.models import AuditEntry, Task
from records.origins import Origin
from sync_engine.ports import bound
from sync_engine.running import runs
from tests.oauth.scene import SignIns
from tests.security.canary import Ears, dump


def test_a_run_goes_on_across_many_tokens(scene: SignIns) -> None:
    """Every call takes three seconds here and a token lives for ten: the next one is there in time. One call after
    the other, because the calls of other threads would take their seconds too."""
    scene.twin.oauth.access_life = 10
    scene.connect()
    origin, kind = Origin("user", "dana", "Dana"), catalog.get("task")
    for number in range(12):
        scene.twin.hand_create("tasks", {"name": f"there {number}"})
        services.create(kind, str(scene.organization.pk), {"title": f"here {number}"}, origin)
    scene.twin.log.clear()
    scene.twin.observers.append(lambda *_: scene.clock.sleep(3))
    with bound(threads=False):
        result = runs.execute(scene.fresh(), runs.Options(full=True))
    assert not result.failed, result.error
    assert len(scene.twin.store.live("tasks")) == Task.objects.count() == 24
    assert scene.token_calls() > 1
    assert [line for line in scene.twin.requests() if line["status"] == 401] == []
    assert scene.twin.oauth.on_reuse == "revoke", "one refresh token spent twice would have ended it all"
    assert scene.status()["state"] == "CONNECTED"


def test_two_answers_of_one_sign_in_are_redeemed_once(scene: SignIns) -> None:
    location = scene.consent(scene.start())
    ready = Barrier(2)

    def come(_: int) -> str:
        ready.wait()
        try:
            return str(scene.come_back(location).url.rpartition("oauth=")[2])
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(come, range(2))) == ["connected", "failed"]
    assert scene.token_calls() == 1


@pytest.mark.parametrize("at", ["tokens stored", "put in force"])
def test_a_server_that_dies_during_the_sign_in_leaves_what_was(
    scene: SignIns, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    scene.connect()
    before = scene.grant().stored

    class Killed(BaseException):
        pass

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    location = scene.consent(scene.start())
    with monkeypatch.context() as dying:
        if at == "tokens stored":
            dying.setattr("integrations.oauth.attempts._with_callback", die)
        else:
            dying.setattr("integrations.oauth.attempts._in_force", die)
        with pytest.raises(Killed):
            scene.come_back(location)
    assert scene.grant().stored == before
    assert scene.connector().test().id
    assert scene.come_back(location).url.endswith("oauth=failed")
    assert scene.connect().url.endswith("oauth=connected")


def test_who_signed_in_and_out_is_in_the_audit_log_without_a_token(scene: SignIns) -> None:
    scene.connect()
    token = scene.grant().access
    scene.connect()
    scene.browser.delete(scene.url)
    done = list(AuditEntry.objects.filter(target_type="oauthgrant").order_by("id"))
    assert [one.action for one in done] == ["sign_in.connected", "sign_in.connected", "sign_in.deleted"]
    assert {one.actor for one in done} == {"dana"}
    assert token not in str([vars(one) for one in done])


def test_no_code_verifier_or_token_is_left_in_sight(scene: SignIns) -> None:
    ears, root = Ears(JsonFormatter()), logging.getLogger()
    level = root.level
    root.addHandler(ears)
    root.setLevel(logging.DEBUG)
    try:
        url = scene.start()
        verifier = OAuthAttempt.objects.get().secret["verifier"]
        location = scene.consent(url)
        page = scene.come_back(location)
        first = scene.grant().stored
        scene.near_the_end()
        scene.connector().test()
        scene.twin.oauth.revoke_everything()
        runs.execute(scene.fresh(), runs.Options())
        shown = [scene.browser.get(path).content.decode() for path in (scene.url, page.url, "/api/admin/integrations")]
    finally:
        root.removeHandler(ears)
        root.setLevel(level)
    state = url.partition("state=")[2].partition("&")[0]
    code = location.partition("code=")[2].partition("&")[0]
    secrets = [verifier, state, code, *first.values(), *scene.grant().stored.values()]
    assert all(len(one) > 20 for one in secrets)
    told = [*ears.lines, *shown, page.url, *(rows for table, rows in dump() if table != "django_session")]
    assert [text[:300] for text in told for one in secrets if one in text] == []
    assert OAuthGrant.objects.count() == 1
