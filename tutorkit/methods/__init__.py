"""Teaching methods: one file per method."""
