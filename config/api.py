"""Settings of the REST API and of its OpenAPI document."""

from __future__ import annotations

from typing import Any

RATES = {"anon": "60/min", "user": "1200/min"}
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "records.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["records.api.permissions.IsSteward"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "records.api.pages.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "records.api.throttles.AnonymousRate",
        "records.api.throttles.UserRate",
    ],
    "DEFAULT_THROTTLE_RATES": RATES,
    "EXCEPTION_HANDLER": "records.api.errors.envelope",
    "COERCE_DECIMAL_TO_STRING": True,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR: dict[str, Any] = {
    "TITLE": "Lockstep",
    "DESCRIPTION": "Keeps an organisation's own records in step with the tools its people work in.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "IntegrationStatus": "integrations.enums.IntegrationStatus",
        "SyncDirection": "integrations.enums.SyncDirection",
        "SyncFrequency": "integrations.enums.SyncFrequency",
        "SyncStatus": "integrations.enums.SyncStatus",
        "ConflictStrategy": "integrations.enums.ConflictStrategy",
        "DeletePolicy": "integrations.enums.DeletePolicy",
        "RunStatus": "integrations.enums.JobStatus",
        "JobType": "integrations.enums.JobType",
        "HealthStatus": "integrations.models.HealthSnapshot.Status",
        "AlertStatus": "integrations.models.Alert.Status",
        "NotificationStatus": "integrations.models.Notification.Status",
        "NotificationChannel": "integrations.alerts.words.Channel",
        "DeliveryStatus": "integrations.models.WebhookDelivery.Status",
        "ConflictStatus": "conflicts.models.ConflictResolution.Status",
        "ConflictKind": "conflicts.models.ConflictResolution.Kind",
        "PlanStepState": "integrations.models.PlanStep.State",
        "TaskStatus": "records.models.Task.Status",
        "EventStatus": "records.models.Event.Status",
        "BoardColumnKind": "jobs_boards.models.BoardColumn.Kind",
        "FiringStatus": "automations.models.RuleFiring.Status",
        "HookStatus": "automations.models.Hook.Status",
        "HookDeliveryStatus": "automations.models.HookDelivery.Status",
        "EventKind": "records.models.Event.Kind",
        "RecordVerdict": "sync_engine.insight.explain_rules.Verdict",
        "DeliveryVerdict": "integrations.models.WebhookDelivery.Verdict",
    },
}
