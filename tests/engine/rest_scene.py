"""An organization whose records live at a plain REST API too, over real HTTP, with a mapping of the test's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.base.sandbox.server import Server
from connectors.generic_rest.presets import preset
from connectors.generic_rest.sandbox import GenericRestTwin
from integrations.models import Integration
from integrations.services import create_integration
from records.models import Organization
from sync_engine.running import runs
from tests.records.factories import OrganizationFactory

_ID = {"externalField": "id", "internalField": "externalId", "transform": "string", "required": True}


def mapping(resource_type: str, rules: Sequence[Mapping[str, Any]], **more: Any) -> dict[str, Any]:
    """`rules` apply both ways."""
    return {
        "resourceType": resource_type.upper(),
        "externalToInternal": [_ID, *rules],
        "internalToExternal": list(rules),
        **more,
    }


class RestScene:
    """`connect` maps a type of ours to a collection of the twin; `sync` runs in this process."""

    def __init__(self, twin: GenericRestTwin, server: Server) -> None:
        self.twin, self.server = twin, server
        self.organization: Organization = OrganizationFactory()
        self.integration: Integration

    def connect(self, resource_type: str, collection: str, document: Mapping[str, Any], data_type: str) -> Integration:
        config = preset("plain")
        rule = {**config["resources"]["contact"], "path": f"/{collection}"}
        rule["create"] = {"ok": [201]}
        config["resources"] = {resource_type: rule}
        self.integration = create_integration(
            self.organization,
            name="Shop",
            type="GENERIC_REST",
            base_url=self.server.url_of("generic_rest"),
            auth_type="BEARER_TOKEN",
            credentials={"token": "sandbox-token"},
            data_types=[data_type],
            settings={"config": config},
            mappings={resource_type: dict(document)},
        )
        return self.integration

    def sync(self, **options: Any) -> runs.Result:
        self.integration.refresh_from_db()
        return runs.execute(self.integration, runs.Options(**options))
