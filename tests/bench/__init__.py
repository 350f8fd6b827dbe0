"""How fast the stages are: ``make bench``."""
