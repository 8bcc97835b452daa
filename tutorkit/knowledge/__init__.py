"""What is known about a learner: pure mathematics, without a model and without I/O."""
