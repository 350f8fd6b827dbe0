"""``copydesk doctor``: what a stream needs, as a table of checks, each a function that returns findings."""
