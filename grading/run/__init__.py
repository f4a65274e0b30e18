"""How one submission is run: an isolated kernel of its own, with a guard over the checks."""
