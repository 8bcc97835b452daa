"""What PEOA alone does: experts as tools, and the loop that calls them."""
