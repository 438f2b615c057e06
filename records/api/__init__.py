"""The REST API of the records, and what every part of the API stands on: who asks, what they may, how it answers."""
