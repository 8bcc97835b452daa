"""Knowledge tracing and strategy prediction by recurrent networks; the modules need torch, which the extra brings."""
