"""Measurements. They print; they do not judge."""
