"""Outgoing webhooks: who subscribed, what is sent, when it is sent again, when it is given up."""
