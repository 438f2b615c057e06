"""The connector kit: everything a provider's folder needs, and the only place that speaks HTTP."""
