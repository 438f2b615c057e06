"""Any JSON REST API from configuration alone. `README.md` has the grammar and worked examples."""
