"""The command line, thin over the lab."""
