"""Help with programming homework: run, find the place, decide how much to say, say it, and look at what was said."""
