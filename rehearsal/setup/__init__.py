"""Set-up: the virtual environment and the engine, each made once and never left half-made."""
