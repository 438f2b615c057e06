"""News of automations, for whoever raises alerts. Sent inside the transaction of what they tell."""

from django.dispatch import Signal

rule_switched_off = Signal()
"""A rule was switched off because it kept failing or cannot be read any more. Arguments: `rule`, `reason` (str)."""

hook_switched_off = Signal()
"""Nothing is sent to a webhook any more, because its receiver kept failing or is gone. Arguments: `hook`, `reason`."""
