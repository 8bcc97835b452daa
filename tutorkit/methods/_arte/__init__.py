"""What ARTE alone does: drafts of rationales, their marks, and pairs of them."""
