"""`manage.py api_token USER [--revoke]`: a token for the API, or the end of all tokens of a user."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Prints a new API token of a user, once; with --revoke, ends all tokens of that user."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="user name")
        parser.add_argument("--revoke", action="store_true", help="end all tokens of this user")

    def handle(self, *args: Any, **options: Any) -> None:
        from django.contrib.auth import get_user_model

        from records import tokens

        user = get_user_model().objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"There is no user '{options['user']}'. Make one in the console.")
        if options["revoke"]:
            self.stdout.write(f"{tokens.revoke(user)} token(s) of {user} are revoked.")
        else:
            self.stdout.write(tokens.issue(user))
