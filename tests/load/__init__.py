"""Load tests of the application systems with k6, through the gateway of a stack."""
