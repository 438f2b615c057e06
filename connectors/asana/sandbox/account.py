"""What exists in the account from its first minute, by its ids."""

from __future__ import annotations

WORKSPACE = "1200000000000001"
PROJECT = "1208800000000001"
API_USER = "1201110000000001"
PERSON = "1201110000000002"


def user_of(author: str) -> str:
    """The gid behind an author of the control API."""
    return PERSON if author == "person" else author
