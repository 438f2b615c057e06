"""Asana: tasks two-way, people read."""
