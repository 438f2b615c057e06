"""From the provider to us: pages read ahead, mapped, recognised or made new, and applied; what a listing missed."""
