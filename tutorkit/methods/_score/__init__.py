"""What SCoRe alone does: episodes of going on from a repaired step."""
