"""Grafana dashboards, one topic a file: what each asks, and how `python -m dashboards` writes and draws them."""
