"""The main job, shown on one machine without any service: `make demo`."""
