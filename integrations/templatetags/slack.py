"""Filter of the templates of Slack messages."""

from __future__ import annotations

from typing import Any

from django import template

from integrations.notify.slack import escaped

register = template.Library()


@register.filter
def slack(value: Any) -> str:
    """Names and words of others, so that they cannot make a link or call a whole channel."""
    return escaped(str(value))
