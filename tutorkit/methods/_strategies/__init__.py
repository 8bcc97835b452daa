"""What the strategy library alone does: situations, and the strategies kept for them."""
