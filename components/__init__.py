"""The components that a platform is made of: contracts, one folder a cloud, and what builds on the contracts."""
