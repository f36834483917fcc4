"""Google Cloud, rehearsed."""
