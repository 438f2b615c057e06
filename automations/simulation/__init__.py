"""The whole hub under simulated worlds: jobs, items and Asana's tasks in one chain, with rules that act on them."""
