"""Providers that give a token to the client itself: nobody signs in, and the token is renewed all the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.base.errors import ConfigError
from connectors.base.sandbox.oauth import OAuthPaths, SignsIn
from connectors.base.sandbox.server import Server, serve
from connectors.generic_rest.presets import preset
from connectors.generic_rest.sandbox import GenericRestTwin
from integrations.connect import connect
from integrations.models import Integration, OAuthGrant
from integrations.oauth import grants
from integrations.services import create_integration
from sync_engine.ports import bound
from tests.connectors.clock import EagerClock
from tests.oauth.scene import CLIENT
from tests.records.factories import OrganizationFactory


class RestTwin(GenericRestTwin, SignsIn):
    """A plain REST API with an authorization server."""

    oauth_paths = OAuthPaths("/authorize", "/token")

    def tokens(self) -> Any:
        return {**super().tokens(), **self.oauth.people()}


@pytest.fixture
def clock() -> Iterator[EagerClock]:
    made = EagerClock()
    with bound(clock=made):
        yield made


@pytest.fixture
def twin(clock: EagerClock) -> RestTwin:
    return RestTwin(clock=clock)


@pytest.fixture
def server(twin: RestTwin) -> Iterator[Server]:
    with serve(0, [twin]) as running:
        yield running


@pytest.fixture
def given(server: Server, settings: Any) -> dict[str, Any]:
    settings.ALLOW_PRIVATE_HOSTS = True
    config = preset("plain")
    token_url = f"{server.url}/generic_rest/token"
    config["auth"] = {"kind": "oauth2_client", "token_url": token_url, "scope": "read write"}
    return {
        "type": "GENERIC_REST", "base_url": server.url_of("generic_rest"), "auth_type": "OAUTH2",
        "credentials": CLIENT, "settings": {"config": config},
    }  # fmt: skip


def calls(twin: RestTwin) -> int:
    return sum(line["path"] == "/token" for line in twin.requests())


def test_it_is_tried_out_before_it_is_stored(given: dict[str, Any], twin: RestTwin, clock: EagerClock) -> None:
    connector = connect(Integration(**given), clock=clock)
    assert connector.test()
    assert connector.test()
    assert calls(twin) == 1


@pytest.mark.django_db(transaction=True)
def test_stored_it_is_renewed_for_everybody(given: dict[str, Any], twin: RestTwin, clock: EagerClock) -> None:
    stored = create_integration(OrganizationFactory(), name="Rest", data_types=["CONTACTS"], **given)
    first, second = connect(stored, clock=clock), connect(stored, clock=clock)
    assert first.test()
    assert second.test()
    assert calls(twin) == 1
    clock.sleep(3600)
    assert first.test()
    assert second.test()
    assert calls(twin) == 2
    assert OAuthGrant.objects.get().refresh == ""
    assert grants.status(stored).state == "NOT_NEEDED"


def test_a_wrong_secret_is_named(given: dict[str, Any], clock: EagerClock) -> None:
    wrong = {**given, "credentials": {**CLIENT, "client_secret": "wrong"}}
    with pytest.raises(ConfigError, match="client ID or the client secret"):
        connect(Integration(**wrong), clock=clock).test()
