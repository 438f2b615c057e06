from __future__ import annotations

from django.urls import path

from console.runs import actions, detail, lists, rolling_back

RUN = "runs/<uuid:pk>"

urlpatterns = [
    path("runs", lists.Runs.as_view(), name="runs"),
    path("integrations/<uuid:pk>/runs", lists.IntegrationRuns.as_view(), name="integration_runs"),
    path(RUN, detail.Run.as_view(), name="run"),
    path(f"{RUN}/steps/<slug:action>", detail.Steps.as_view(), name="run_steps"),
    path(f"{RUN}/approve", actions.Approve.as_view(), name="approve_run"),
    path(f"{RUN}/cancel", actions.Cancel.as_view(), name="cancel_run"),
    path(f"{RUN}/retry", actions.Retry.as_view(), name="retry_run"),
    path(f"{RUN}/rollback", rolling_back.RollBack.as_view(), name="roll_back_run"),
]
