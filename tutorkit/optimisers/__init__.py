"""Optimisers of other projects as arms of a comparison: their calls go the way of all calls, at the same budget."""
