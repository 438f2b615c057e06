"""R0's sync service: a job and its item on a board, synced now because a person asked."""
