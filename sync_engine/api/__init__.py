"""The REST API of the integrations: R1's endpoints, mappings, runs and plans."""
