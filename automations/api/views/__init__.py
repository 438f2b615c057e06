"""Rules with their firings, webhooks with their messages."""
