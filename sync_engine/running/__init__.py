"""Runs: when they start, who holds them, in which stints they go on, how they end, when they are tried again."""
