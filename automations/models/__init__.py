"""Rules and their firings; webhooks that others subscribed to, and what was sent to them."""

from .hook import Hook
from .hook_delivery import HookDelivery
from .notice import Notice
from .rule import Rule
from .rule_firing import RuleFiring
from .rule_version import RuleVersion

__all__ = ["Hook", "HookDelivery", "Notice", "Rule", "RuleFiring", "RuleVersion"]
