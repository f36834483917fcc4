"""Kubernetes inside rehearsed clusters: references, uniqueness and immutable fields; no controllers."""
