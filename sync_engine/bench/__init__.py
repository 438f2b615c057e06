"""The yardsticks: Lockstep against the least that a correct sync can do by hand, in one run."""
