"""Taking a run back by compensating writes."""
