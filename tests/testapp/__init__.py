"""An app of somebody else that files its own model with the catalog."""
