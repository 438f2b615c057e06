"""What the OpenAPI document must be told. Imported with the addresses, because registering happens on import."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class CronScheme(OpenApiAuthenticationExtension):
    """`Authorization: Bearer CRON_SECRET`"""

    target_class = "sync_engine.api.views.cron.CronSecret"
    name = "cron"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
