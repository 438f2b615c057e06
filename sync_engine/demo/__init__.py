"""The demo: the main job on real processes, a real database and the providers' twins, told and then proved."""
