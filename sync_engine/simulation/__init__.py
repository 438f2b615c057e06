"""The engine under a simulated world: people on both sides, faults, crashes, and the laws checked at the end."""
