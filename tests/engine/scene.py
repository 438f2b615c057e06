"""An organization and its Asana twin over real HTTP: what tests of whole runs stand on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.asana.sandbox import AsanaTwin
from connectors.asana.sandbox.twin import PROJECT, WORKSPACE
from connectors.base.sandbox.server import Server
from integrations.models import Integration
from integrations.services import create_integration
from records import catalog, services
from records.models import Organization, Task
from records.origins import Origin
from sync_engine.running import runs
from tests.records.factories import OrganizationFactory

PERSON = Origin("user", "dana", "Dana")
TASK = catalog.get("task")


class Scene:
    """`asana` is the first integration, to `server`; `sync` runs it in this process."""

    def __init__(self, twin: AsanaTwin, server: Server) -> None:
        self.twin, self.server = twin, server
        self.organization: Organization = OrganizationFactory()
        self.asana = self.connect("Asana")

    def connect(self, name: str, *, server: Server | None = None, **changes: Any) -> Integration:
        given: dict[str, Any] = {
            "type": "ASANA",
            "base_url": (server or self.server).url_of("asana"),
            "auth_type": "BEARER_TOKEN",
            "credentials": {"token": "sandbox-token"},
            "data_types": ["TASKS"],
            "settings": {"project": PROJECT, "workspace": WORKSPACE},
        }
        return create_integration(self.organization, name=name, **{**given, **changes})

    def sync(self, integration: Integration | None = None, **options: Any) -> runs.Result:
        chosen = integration or self.asana
        chosen.refresh_from_db()
        return runs.execute(chosen, runs.Options(**options))

    def there(self, name: str, twin: AsanaTwin | None = None, **fields: Any) -> str:
        """A person makes a task at Asana. Returns its gid."""
        home = {"memberships": [{"project": PROJECT, "section": None}]}
        chosen = twin or self.twin
        section = next(s.id for s in chosen.store.live("sections") if s.fields["project"] == PROJECT)
        home["memberships"][0]["section"] = section
        return chosen.hand_create("tasks", {"name": name, **home, **fields}).id

    def edit_there(self, gid: str, **fields: Any) -> None:
        self.twin.hand_update("tasks", gid, fields)

    def here(self, title: str, **values: Any) -> str:
        """A person makes a task here. Returns its id."""
        return str(services.create(TASK, str(self.organization.pk), {"title": title, **values}, PERSON).pk)

    def edit_here(self, task_id: Any, values: Mapping[str, Any], now: datetime | None = None) -> None:
        services.update(TASK, str(self.organization.pk), str(task_id), values, PERSON, now=now)

    def delete_here(self, task_id: Any) -> None:
        services.delete(TASK, str(self.organization.pk), str(task_id), PERSON)

    def elsewhere(self) -> None:
        """The scene's own integration is of another place, so that one of the twin's project can be made."""
        Integration.objects.filter(pk=self.asana.pk).update(base_url="http://127.0.0.1:9/asana/api/1.0")

    def titles_here(self) -> list[str]:
        return sorted(Task.objects.filter(organization=self.organization).values_list("title", flat=True))

    def names_there(self, twin: AsanaTwin | None = None) -> list[str]:
        return sorted(entry.fields["name"] for entry in (twin or self.twin).store.live("tasks"))

    def writes_there(self) -> int:
        """Calls so far that may have changed something."""
        return sum(count for method, count in self.twin.counts.items() if method in ("POST", "PUT", "DELETE"))
