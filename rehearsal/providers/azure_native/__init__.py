"""Azure, rehearsed."""
