"""
What a query costs: this gateway beside what one would otherwise put in front of the same providers.

Every contestant is a process of its own, pinned to one core and met over HTTP alone; so is the
stub of the providers. Nothing here imports the gateway.
"""
