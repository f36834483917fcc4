"""How long an `up` takes where the clouds are as slow as they are: simulated, explained and held to a budget."""
