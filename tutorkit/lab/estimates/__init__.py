"""What an experiment will take, said before anything is paid."""
