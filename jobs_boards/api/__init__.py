"""The REST API of jobs and boards."""
