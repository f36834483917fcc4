"""Oracle Cloud, rehearsed."""
