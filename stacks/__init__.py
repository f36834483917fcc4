"""One stack per cloud and environment: the typed model of its settings beside the stack files themselves."""
