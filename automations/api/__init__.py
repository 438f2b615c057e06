"""The API of rules and outgoing webhooks."""
