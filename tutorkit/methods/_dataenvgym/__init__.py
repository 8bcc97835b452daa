"""What DataEnvGym alone does: skills found and rewarded, and data ordered and written for them."""
