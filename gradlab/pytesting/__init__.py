"""What stands behind the pytest plugin; loaded when a test of gradlab's is there to run."""
