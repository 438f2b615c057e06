"""Why something is as it is: a record, an integration."""
