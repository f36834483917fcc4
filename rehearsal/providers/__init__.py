"""Local providers that speak the engine's provider protocol and keep what they create in an inventory."""
