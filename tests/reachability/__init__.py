"""Who reaches whom in a plan: its pods, its NetworkPolicies, and what the policies let through."""
