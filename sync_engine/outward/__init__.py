"""From us to the provider: local changes, read against the other side, written; what nobody answered is settled."""
