"""Jobs and boards: the organization's jobs, and boards whose items mirror them."""

from django.apps import AppConfig


class JobsBoardsConfig(AppConfig):
    name = "jobs_boards"
