"""R1's flow 6: members go to every integration that maps them as soon as they are written here, and come back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from django.test import Client

from connectors.base.sandbox.server import Server, serve
from connectors.base.webhooks import DefaultWebhooks
from connectors.generic_rest.presets import preset
from connectors.generic_rest.sandbox import GenericRestTwin
from integrations.models import Integration, IntegrationMapping, PendingChange, SyncLog
from integrations.services import create_integration
from integrations.webhooks.secrets import rotate_secret
from records import catalog, services
from records.models import Member, Organization
from records.origins import Origin
from sync_engine import tasks
from sync_engine.running import runs
from sync_engine.webhooks import hearing
from tests.records.factories import OrganizationFactory
from tests.webhooks.scene import now

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.webhooks.urls")]
MEMBER, DANA = catalog.get("member"), Origin("user", "dana", "Dana")
FIELDS = [("first_name", "name"), ("email", "email"), ("phone", "phone")]
RULES = [{"externalField": there, "internalField": here, "transform": "string"} for there, here in FIELDS]
MAPPING = {
    "resourceType": "MEMBER",
    "matchKeys": ["email"],
    "externalToInternal": [
        {"externalField": "id", "internalField": "externalId", "transform": "string", "required": True}, *RULES,
    ],
    "internalToExternal": RULES,
}  # fmt: skip


class Tool:
    """One external system that keeps people, and our integration with it."""

    def __init__(self, name: str, twin: GenericRestTwin, server: Server, organization: Organization) -> None:
        self.twin = twin
        document = preset("plain")
        document["resources"] = {"member": document["resources"]["contact"]}
        document["webhook"] = {"kind": "hmac", "header": "X-Webhook-Signature", "record": "data"}
        self.integration: Integration = create_integration(
            organization,
            name=name,
            type="GENERIC_REST",
            base_url=server.url_of("generic_rest"),
            auth_type="BEARER_TOKEN",
            credentials={"token": "sandbox-token"},
            data_types=["MEMBERS"],
            mappings={"member": MAPPING},
            settings={"config": document},
        )
        self.secret = rotate_secret(self.integration, now=now())
        assert not runs.execute(self.integration, runs.Options()).failed

    def people(self) -> dict[str, str]:
        return {entry.fields["email"]: entry.fields["first_name"] for entry in self.twin.store.live("contacts")}

    def edits(self, email: str, **fields: Any) -> None:
        """Somebody edits there, and the tool tells us by webhook."""
        entry = next(one for one in self.twin.store.live("contacts") if one.fields["email"] == email)
        self.twin.hand_update("contacts", entry.id, fields)
        body = orjson.dumps({"event": "member.updated", "data": self.twin.render(entry)})
        signed = DefaultWebhooks().sign("member.updated", body, self.secret, at=now())
        answer = Client().post(self.integration.webhook_endpoint, body, content_type="application/json", headers=signed)
        assert answer.status_code == 200, answer.content
        hearing.hear(str(self.integration.pk), patience=0)


@pytest.fixture
def tools(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], tuple[Tool, Tool]]]:
    """Two tools of one organization. Tasks are carried out by whoever queues them, as a worker would a moment later."""
    settings.ALLOW_PRIVATE_HOSTS = settings.PUSH_IN_REAL_TIME = True
    monkeypatch.setattr(tasks.drain, "apply_async", lambda **_: tasks.drain())
    monkeypatch.setattr(tasks.push, "delay", tasks.push)
    monkeypatch.setattr(tasks.hear, "apply_async", lambda args, **_: tasks.hear(*args))
    twins = GenericRestTwin(), GenericRestTwin()
    with serve(0, [twins[0]]) as first, serve(0, [twins[1]]) as second:
        organization = OrganizationFactory()
        yield lambda: (
            Tool("CRM", twins[0], first, organization),
            Tool("Newsletter", twins[1], second, organization),
        )


def joins(tool: Tool, **fields: Any) -> Any:
    organization = str(tool.integration.organization_id)
    return services.create(MEMBER, organization, {"name": "Rosa", "email": "rosa@example.com", **fields}, DANA)


def edit(member: Any, **fields: Any) -> None:
    services.update(MEMBER, str(member.organization_id), str(member.pk), fields, DANA)


def test_whoever_accepts_the_covenant_is_in_every_tool(tools: Callable[[], tuple[Tool, Tool]]) -> None:
    crm, newsletter = tools()
    rosa = Member(
        organization=crm.integration.organization, name="Rosa", email="rosa@example.com", external_sync_enabled=False
    )
    rosa.save()
    rosa.phone = "+34 600 000 000"
    rosa.save()
    assert crm.people() == newsletter.people() == {}
    rosa.covenant_accepted_at, rosa.external_sync_enabled = now(), True
    rosa.save()
    assert crm.people() == newsletter.people() == {"rosa@example.com": "Rosa"}
    links = IntegrationMapping.objects.filter(internal_id=rosa.pk, resource_type="member")
    assert {link.integration.name for link in links} == {"CRM", "Newsletter"}
    created = SyncLog.objects.filter(resource_id=str(rosa.pk), operation="CREATE", direction="LOCAL_TO_EXTERNAL")
    assert [log.status for log in created] == ["SUCCESS", "SUCCESS"]


def test_an_edit_here_reaches_every_tool(tools: Callable[[], tuple[Tool, Tool]]) -> None:
    crm, newsletter = tools()
    rosa = joins(crm)
    edit(rosa, name="Rosa Abe")
    assert crm.people() == newsletter.people() == {"rosa@example.com": "Rosa Abe"}
    assert not PendingChange.objects.exists()


def test_an_edit_in_one_tool_comes_here_and_goes_to_the_other(tools: Callable[[], tuple[Tool, Tool]]) -> None:
    crm, newsletter = tools()
    rosa = joins(crm)
    crm.edits("rosa@example.com", phone="+34 600 000 000")
    assert Member.objects.get(pk=rosa.pk).phone == "+34 600 000 000"
    there = next(iter(newsletter.twin.store.live("contacts")))
    assert there.fields["phone"] == "+34 600 000 000"
    calls = crm.twin.counts["PATCH"]
    assert not runs.execute(crm.integration, runs.Options()).counters["pushed"]
    assert crm.twin.counts["PATCH"] == calls == 0


def test_different_fields_edited_on_both_sides_are_both_kept(tools: Callable[[], tuple[Tool, Tool]]) -> None:
    crm, _ = tools()
    rosa = joins(crm)
    entry = next(iter(crm.twin.store.live("contacts")))
    crm.twin.hand_update("contacts", entry.id, {"phone": "1"})
    edit(rosa, name="Rosa Abe")
    assert (entry.fields["phone"], entry.fields["first_name"]) == ("1", "Rosa Abe")
    assert Member.objects.get(pk=rosa.pk).phone == "1"


def test_a_paused_tool_gets_everything_when_it_is_resumed(tools: Callable[[], tuple[Tool, Tool]]) -> None:
    crm, newsletter = tools()
    newsletter.integration.status = "PAUSED"
    newsletter.integration.save()
    joins(crm)
    assert (len(crm.people()), newsletter.people()) == (1, {})
    newsletter.integration.status = "ACTIVE"
    newsletter.integration.save()
    tasks.drain()
    assert newsletter.people() == crm.people()
