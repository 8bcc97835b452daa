"""The node functions that several methods share, each once; what one method alone uses is in the folder ``_METHOD``."""
