"""Old rows go, in batches; an organization goes as a whole."""
