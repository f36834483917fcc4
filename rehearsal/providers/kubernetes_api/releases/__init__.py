"""Helm releases by the real Helm: where charts come from, what stands in for them, what is kept."""
