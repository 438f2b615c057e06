"""What must be written, decided without writing: field by field, record by record, and as a person chose."""
