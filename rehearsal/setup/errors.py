"""What stops set-up."""


class SetupError(Exception):
    """Something that the user has to put right, in words for the user."""
