"""What the parts of the platform tell of themselves: their metrics and labels, and whether a query asks for them."""
