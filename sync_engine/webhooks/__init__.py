"""Webhooks inward: the door, hearing what was queued, complete payloads at once, replay, completeness."""
