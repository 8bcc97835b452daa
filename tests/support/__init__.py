"""What tests build on: a sink in memory, tiny problems, and participants that are told what to say."""
