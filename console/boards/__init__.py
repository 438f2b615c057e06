"""Boards and jobs as people work with them."""
