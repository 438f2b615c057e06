"""Deliveries of webhooks: secrets and registration, whether one is genuine, and how it is kept."""
