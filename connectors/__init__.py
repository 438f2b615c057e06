"""The connectors: `base` is the kit, every other folder is one provider."""
