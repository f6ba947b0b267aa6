"""The schema: takes input, calls one operation, wraps its answer."""
