"""Alerts: rules and their tests, a topic a file, and the list of them that people read."""
