"""Programs that a pack is exported as; they are read as text and copied, never imported."""
