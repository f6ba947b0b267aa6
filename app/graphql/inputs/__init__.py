"""The schema's input types, each made into a domain value by its `to_domain`."""
