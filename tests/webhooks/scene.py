"""An organization whose contacts live in a plain REST API that sends complete, signed payloads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from django.test import Client

from connectors.base.sandbox.server import Server
from connectors.base.webhooks import DefaultWebhooks
from connectors.generic_rest.presets import preset
from connectors.generic_rest.sandbox import GenericRestTwin
from integrations.models import Integration, WebhookDelivery
from integrations.services import create_integration
from integrations.webhooks.secrets import rotate_secret
from records.models import Contact, Organization
from sync_engine.running import runs
from sync_engine.webhooks import hearing
from tests.records.factories import OrganizationFactory


def now() -> datetime:
    return datetime.now(UTC)


class Hooked:
    """`post` sends a signed delivery, `sync` runs, `hear` works on what is queued."""

    def __init__(self, twin: GenericRestTwin, server: Server, *, complete: bool = True) -> None:
        self.twin, self.http = twin, Client()
        self.organization: Organization = OrganizationFactory()
        document = preset("plain")
        document["webhook"] = {"kind": "hmac", "header": "X-Webhook-Signature"} | (
            {"record": "data"} if complete else {}
        )
        self.integration: Integration = create_integration(
            self.organization,
            name="Shop",
            type="GENERIC_REST",
            base_url=server.url_of("generic_rest"),
            auth_type="BEARER_TOKEN",
            credentials={"token": "sandbox-token"},
            data_types=["CONTACTS"],
            settings={"config": document},
        )
        self.secret = rotate_secret(self.integration, now=now())

    @property
    def url(self) -> str:
        return self.integration.webhook_endpoint

    def contact(self, **fields: Any) -> str:
        """A person makes one there. Returns its id."""
        given = {"first_name": "Rosa", "last_name": "Abe", "email": "rosa@example.com", "tags": ["customer"]}
        return self.twin.hand_create("contacts", {**given, **fields}).id

    def body(self, contact_id: str, event: str = "contact.updated", **changes: Any) -> bytes:
        """What the twin would send of the contact as it is now."""
        entry = self.twin.store.get("contacts", contact_id)
        assert entry is not None
        return orjson.dumps({"event": event, "data": {**self.twin.render(entry), **changes}})

    def post(
        self,
        body: bytes,
        *,
        at: datetime | None = None,
        secret: str | None = None,
        more: Mapping[str, str] | None = None,
    ) -> Any:
        signed = DefaultWebhooks().sign("contact.updated", body, secret or self.secret, at=at or now())
        return self.send(body, {**signed, **(more or {})})

    def send(self, body: bytes, headers: dict[str, str], url: str = "") -> Any:
        return self.http.post(url or self.url, body, content_type="application/json", headers=headers)

    def sync(self) -> runs.Result:
        self.integration.refresh_from_db()
        return runs.execute(self.integration, runs.Options())

    def hear(self) -> bool:
        return hearing.hear(str(self.integration.pk), patience=0)

    def emails(self) -> list[str]:
        found = Contact.objects.filter(organization=self.organization, deleted_at=None)
        return sorted(found.values_list("email", flat=True))

    def last(self) -> WebhookDelivery:
        return WebhookDelivery.objects.filter(integration=self.integration).latest("id")
