"""The kubernetes provider of a rehearsal on a real API server."""
