"""Renderings of a `Report`; this room reads records and nothing else."""
