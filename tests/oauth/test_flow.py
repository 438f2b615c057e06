"""From the button to the consent page and back, over real HTTP."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from rest_framework.test import APIClient

from connectors.asana.sandbox.twin import API_USER, PERSON
from integrations.enums import IntegrationStatus
from integrations.models import Integration, OAuthAttempt, OAuthGrant
from records import tokens
from sync_engine.running import runs
from tests.oauth.scene import CLIENT, SignIns
from tests.records.factories import OrganizationFactory


def test_a_person_signs_in_and_the_connector_works(scene: SignIns) -> None:
    assert scene.status()["state"] == "NOT_CONNECTED"
    answer = scene.connect()
    assert (answer.status_code, answer.url.endswith("?oauth=connected")) == (302, True)
    assert scene.status() | {"scopes": []} == scene.status() | {"state": "CONNECTED", "message": "", "scopes": []}
    assert scene.connector().test().id == API_USER
    assert (scene.fresh().account_id, scene.grant().authorized_by) == (API_USER, "dana")


def test_the_address_of_the_consent_page_carries_a_challenge_and_no_secret(scene: SignIns) -> None:
    url = scene.start()
    asked = parse_qs(urlsplit(url).query)
    assert url.startswith(f"{scene.server.url}/asana/-/oauth_authorize?")
    assert (asked["response_type"], asked["code_challenge_method"]) == (["code"], ["S256"])
    assert asked["redirect_uri"] == ["http://127.0.0.1:8000/api/oauth/callback/asana"]
    assert len(asked["code_challenge"][0]) == 43
    assert CLIENT["client_secret"] not in url


def test_the_first_sign_in_in_the_console_plans_the_first_sync_once(scene: SignIns) -> None:
    scene.connect()
    plan = scene.asana.job_executions.get()
    assert (plan.job_type, plan.cause, plan.options["dryRun"]) == ("INITIAL_IMPORT", "first sync", True)
    scene.connect()
    assert scene.asana.job_executions.count() == 1, "the plan still waits"


def test_a_later_sign_in_goes_on_with_the_runs(scene: SignIns) -> None:
    scene.connect()
    scene.asana.job_executions.all().delete()
    assert not runs.execute(scene.fresh(), runs.Options()).error
    scene.connect()
    assert scene.asana.job_executions.latest("started_at").cause == "signed in by dana"


def test_a_paused_integration_stays_paused(scene: SignIns) -> None:
    Integration.objects.update(status=IntegrationStatus.PAUSED)
    scene.connect()
    assert (scene.fresh().status, scene.asana.job_executions.count()) == (IntegrationStatus.PAUSED, 0)


def test_the_browser_ends_up_where_it_was_asked_to_and_never_elsewhere(scene: SignIns) -> None:
    answer = scene.come_back(scene.consent(scene.start(returnTo="/dashboard/admin/?step=3")))
    assert answer.url == "/dashboard/admin/?step=3&oauth=connected"
    answer = scene.come_back(scene.consent(scene.start(returnTo="https://evil.example/")))
    assert answer.url.startswith("/dashboard/admin/integrations/integration/")


def test_the_way_back_is_not_remembered_by_the_browser(scene: SignIns) -> None:
    answer = scene.connect()
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]


def test_who_says_no_changes_nothing(scene: SignIns) -> None:
    answer = scene.connect(decision="deny")
    assert answer.url.endswith("?oauth=failed")
    assert "Asana did not connect: The person did not agree." in scene.status()["lastAttempt"]
    assert not OAuthGrant.objects.exists()


def test_a_code_is_good_once(scene: SignIns) -> None:
    location = scene.consent(scene.start())
    scene.come_back(location)
    calls = scene.token_calls()
    assert scene.come_back(location).url.endswith("?oauth=failed")
    assert scene.token_calls() == calls
    assert scene.status()["state"] == "CONNECTED"


def test_a_code_that_somebody_used_first_is_refused(scene: SignIns) -> None:
    location = scene.consent(scene.start())
    for code in scene.twin.oauth._codes.values():
        code.grant = scene.twin.oauth.grants[0] if scene.twin.oauth.grants else _nobody()
    assert scene.come_back(location).url.endswith("?oauth=failed")
    assert "used before" in scene.status()["lastAttempt"]


def _nobody() -> object:
    from connectors.base.sandbox.oauth import Grant

    return Grant(PERSON, "")


@pytest.mark.parametrize("state", ["", "wrong", "x" * 5000, "\0"])
def test_a_state_that_nobody_was_given_leads_nowhere(scene: SignIns, state: str) -> None:
    location = scene.consent(scene.start())
    answer = scene.come_back(location, state=state)
    assert (answer.status_code, b"not started here" in answer.content) == (400, True)
    assert scene.token_calls() == 0


def test_another_session_or_person_cannot_finish_it(scene: SignIns) -> None:
    location = scene.consent(scene.start())
    same_person = Client()
    same_person.force_login(scene.user)
    _, somebody = scene.person("eve")
    for browser, status in ((same_person, 400), (somebody, 400), (Client(), 403)):
        assert scene.come_back(location, browser).status_code == status
    assert scene.token_calls() == 0
    assert scene.come_back(location).url.endswith("?oauth=connected")


def test_a_program_starts_and_its_users_browser_finishes(scene: SignIns) -> None:
    program = APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.issue(scene.user)}")
    url = program.post(f"{scene.url}/start", {}).json()["url"]
    assert scene.come_back(scene.consent(url)).url.endswith("?oauth=connected")
    assert scene.asana.job_executions.get().options["dryRun"] is False, "nobody looks at a plan"


def test_an_answer_of_another_provider_is_not_taken(scene: SignIns) -> None:
    location = scene.consent(scene.start()).replace("/callback/asana", "/callback/generic_rest")
    assert scene.come_back(location).url.endswith("?oauth=failed")
    assert scene.token_calls() == 0


def test_ten_minutes_are_the_limit(scene: SignIns) -> None:
    location = scene.consent(scene.start())
    scene.clock.sleep(601)
    assert scene.come_back(location).url.endswith("?oauth=failed")
    assert "longer than ten minutes" in scene.status()["lastAttempt"]
    assert scene.token_calls() == 0


def test_a_wrong_verifier_is_refused_by_the_provider(scene: SignIns) -> None:
    location = scene.consent(scene.start())
    OAuthAttempt.objects.update(secret=OAuthAttempt(secret={"verifier": "w" * 64}).secret)
    assert scene.come_back(location).url.endswith("?oauth=failed")
    assert "verifier does not fit" in scene.status()["lastAttempt"]


def test_another_account_is_refused_and_the_old_one_stays(scene: SignIns) -> None:
    scene.connect(user=API_USER)
    before = scene.grant().stored
    assert scene.connect(user=PERSON).url.endswith("?oauth=failed")
    assert "another account" in scene.status()["lastAttempt"]
    assert (scene.grant().stored, scene.fresh().account_id) == (before, API_USER)
    assert scene.connector().test().id == API_USER


def test_the_same_account_takes_over_the_new_tokens(scene: SignIns) -> None:
    scene.connect()
    before = scene.grant()
    scene.connect()
    after = scene.grant()
    assert before.pk == after.pk
    assert before.refresh != after.refresh
    assert after.version == before.version + 1


def test_an_answer_lost_on_the_way_of_the_code_leaves_what_was(scene: SignIns) -> None:
    scene.connect()
    before = scene.grant().stored
    scene.fault("lose_response")
    assert scene.connect().url.endswith("?oauth=failed")
    assert scene.grant().stored == before
    assert scene.connect().url.endswith("?oauth=connected")


def test_nothing_secret_is_left_on_an_attempt(scene: SignIns) -> None:
    scene.connect()
    scene.connect(decision="deny")
    assert [one.secret for one in OAuthAttempt.objects.all()] == [{}, {}]


def test_a_wrong_client_secret_is_named(scene: SignIns) -> None:
    Integration.objects.update(
        credentials=Integration(credentials={**CLIENT, "client_secret": "wrong-one"}).credentials
    )
    scene.connect()
    said = scene.status()["lastAttempt"]
    assert "does not accept the client ID or the client secret" in said
    assert "wrong-one" not in said


def test_without_a_client_id_it_is_said_what_to_enter(scene: SignIns) -> None:
    scene.asana = scene.integration("No app", credentials={})
    answer = scene.browser.post(f"{scene.url}/start", {}, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "oauth_not_possible")
    assert "http://127.0.0.1:8000/api/oauth/callback/asana" in answer.json()["error"]["message"]


def test_another_organizations_integration_is_not_there(scene: SignIns) -> None:
    _, stranger = scene.person("eve", OrganizationFactory())
    assert stranger.get(scene.url).status_code == 404
    assert stranger.post(f"{scene.url}/start", {}, content_type="application/json").status_code == 404
    assert stranger.delete(scene.url).status_code == 404


def test_disconnecting_revokes_at_the_provider_and_forgets(scene: SignIns) -> None:
    scene.connect()
    token = scene.grant().access
    assert scene.browser.delete(scene.url).json() == {"success": True, "message": ""}
    assert token not in scene.twin.oauth.people()
    assert (scene.status()["state"], scene.fresh().status) == ("NOT_CONNECTED", IntegrationStatus.ERROR)


def test_disconnecting_forgets_even_if_the_provider_is_not_told(scene: SignIns) -> None:
    scene.connect()
    scene.fault("server_error", "/-/oauth_revoke")
    assert "could not be told" in scene.browser.delete(scene.url).json()["message"]
    assert not OAuthGrant.objects.exists()


def test_deleting_the_integration_revokes_as_well(scene: SignIns) -> None:
    scene.connect()
    scene.asana.job_executions.all().delete()
    assert scene.browser.delete(f"/api/admin/integrations/{scene.asana.pk}").status_code == 200
    assert scene.twin.oauth.people() == {}


def test_disconnecting_forgets_even_without_a_client(scene: SignIns) -> None:
    scene.connect()
    Integration.objects.update(credentials=Integration(credentials={}).credentials)
    assert "client ID" in scene.browser.delete(scene.url).json()["message"]
    assert not OAuthGrant.objects.exists()


def test_created_through_the_api_it_waits_for_the_sign_in(scene: SignIns) -> None:
    Integration.objects.update(base_url="http://127.0.0.1:9")  # the scene's own has the same project
    body = {
        "name": "New", "type": "ASANA", "baseUrl": scene.server.url_of("asana"), "authType": "OAUTH2",
        "credentials": CLIENT, "dataTypes": ["TASKS"], "settings": scene.asana.settings,
    }  # fmt: skip
    answer = scene.browser.post("/api/admin/integrations", body, content_type="application/json").json()
    assert (answer["authorizationRequired"], answer["integration"]["status"]) == (True, "ERROR")
    scene.asana = Integration.objects.get(name="New")
    assert not scene.asana.job_executions.exists()
    scene.connect()
    assert (scene.fresh().status, scene.asana.job_executions.get().cause) == ("ACTIVE", "first sync")


def test_the_console_has_the_button(scene: SignIns) -> None:
    scene.user.is_superuser = True
    scene.user.save()
    place = f"/dashboard/admin/integrations/integration/{scene.asana.pk}/change/"
    page = scene.browser.get(place).content.decode()
    assert "Save and connect" in page
    names = ("base_url", "auth_type", "sync_direction", "sync_frequency", "conflict_strategy", "on_external_delete",
             "on_local_delete", "name")  # fmt: skip
    form = {name: getattr(scene.asana, name) for name in names}
    form |= {"data_types": ["TASKS"], "settings": '{"project": "1"}', "merge_rules": "{}", "new_credentials": ""}
    answer = scene.browser.post(place, {**form, "integrations_integration_sign_in": "1"})
    assert answer.url.startswith(f"{scene.server.url}/asana/-/oauth_authorize?")
    assert scene.come_back(scene.consent(answer.url)).url == f"{place}?oauth=connected"
