"""Wire-contract mutants: recorded registrations, broken in many ways, and the share of them that the checks catch."""
