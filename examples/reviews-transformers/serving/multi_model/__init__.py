"""Multi-model endpoints: one container that the platform tells which models to load, use and unload."""
