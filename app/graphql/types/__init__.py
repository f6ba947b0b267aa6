"""The schema's output types, each made from a domain value by its `from_domain`."""
