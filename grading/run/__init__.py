"""How one submission is run: a kernel of its own, in walls, with a guard over the checks."""
