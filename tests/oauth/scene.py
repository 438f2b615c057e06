"""A steward, an Asana integration that is connected by signing in, and the twin that they sign in at."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from django.contrib.auth.models import Group, User
from django.test import Client

from connectors.asana.sandbox import AsanaTwin
from connectors.asana.sandbox.twin import PROJECT, WORKSPACE
from connectors.base.http import HttpRequest, HttpResponse
from connectors.base.sandbox.faults import Fault
from connectors.base.sandbox.oauth import CLIENT_ID, CLIENT_SECRET
from connectors.base.sandbox.server import Server
from connectors.base.transport import HttpTransport
from integrations.connect import connect
from integrations.models import Integration, OAuthGrant
from integrations.services import create_integration
from records.models import Membership, Organization
from sync_engine.ports import ports
from tests.connectors.clock import EagerClock
from tests.records.factories import OrganizationFactory

TOKEN_PATH = "/-/oauth_token"
CLIENT = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


class SignIns:
    """`browser` is the steward's, `asana` the integration; `connect()` goes the whole way."""

    def __init__(self, twin: AsanaTwin, server: Server, clock: EagerClock) -> None:
        self.twin, self.server, self.clock = twin, server, clock
        self.http = HttpTransport(allow_private=True)
        self.organization: Organization = OrganizationFactory()
        self.user, self.browser = self.person("dana")
        self.asana = self.integration("Asana")

    def person(self, name: str, organization: Organization | None = None) -> tuple[User, Client]:
        user = User.objects.create_user(name, is_staff=True)
        user.groups.add(Group.objects.get_or_create(name="WEB_STEWARD")[0])
        Membership.objects.create(user=user, organization=organization or self.organization)
        browser = Client()
        browser.force_login(user)
        return user, browser

    def integration(self, name: str, **changes: Any) -> Integration:
        given: dict[str, Any] = {
            "type": "ASANA",
            "base_url": self.server.url_of("asana"),
            "auth_type": "OAUTH2",
            "credentials": CLIENT,
            "data_types": ["TASKS"],
            "settings": {"project": PROJECT, "workspace": WORKSPACE},
        }
        return create_integration(self.organization, name=name, **{**given, **changes})

    @property
    def url(self) -> str:
        return f"/api/admin/integrations/{self.asana.pk}/oauth"

    def start(self, **body: Any) -> str:
        """The address of the consent page."""
        answer = self.browser.post(f"{self.url}/start", body, content_type="application/json")
        assert answer.status_code == 200, answer.content
        return str(answer.json()["url"])

    def consent(self, url: str, *, decision: str = "allow", user: str | None = None, **forged: str) -> str:
        """A person looks at the page and presses a button. Where the browser is sent then."""
        page = self.send("GET", url)
        assert page.status == 200, page.body
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.body.decode()))
        people = re.findall(r'name="user" value="(\w+)"', page.body.decode())
        form = {name: unescape(value) for name, value in hidden.items()}
        pressed = {**form, **forged, "user": user or people[0], "decision": decision}
        answer = self.send("POST", urljoin(url, urlsplit(url).path), urlencode(pressed).encode())
        assert answer.status == 302, answer.body
        return str(answer.headers["location"])

    def send(self, method: str, url: str, body: bytes = b"") -> HttpResponse:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        return self.http.send(HttpRequest(method, url, headers, body), timeout=10)

    def come_back(self, location: str, browser: Client | None = None, **changes: str) -> Any:
        parts = urlsplit(location)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()} | changes
        return (browser or self.browser).get(parts.path, query)

    def connect(self, **options: Any) -> Any:
        return self.come_back(self.consent(self.start(), **options))

    def status(self) -> dict[str, Any]:
        return dict(self.browser.get(self.url).json())

    def grant(self) -> OAuthGrant:
        return OAuthGrant.objects.get(integration=self.asana)

    def fresh(self) -> Integration:
        return Integration.objects.get(pk=self.asana.pk)

    def connector(self) -> Any:
        return connect(self.fresh(), clock=ports().clock)

    def token_calls(self) -> int:
        return sum(line["path"] == TOKEN_PATH for line in self.twin.requests())

    def fault(self, kind: str, path: str = TOKEN_PATH, times: int | None = 1, **params: Any) -> None:
        self.twin.faults.add(Fault(kind, ("", path), times, params=params))

    def near_the_end(self) -> None:
        """The access token is about to end."""
        OAuthGrant.objects.update(expires_at=self.clock.now())
