"""Which cloud delivers what: the table of capabilities, its proof in the plans, and the page made of it."""
