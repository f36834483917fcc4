"""Stand-ins for the commands that kubeconfigs of clouds ask for a token: called like them, refusing like them."""
