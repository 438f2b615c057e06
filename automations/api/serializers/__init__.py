"""How rules, firings, webhooks and messages look outside."""
