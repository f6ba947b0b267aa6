"""
Money is moved once: many callers, lost answers and killed gateways, then a look at the books.

The gateway and its sandbox are processes of their own, met over HTTP alone: nothing here imports
them. What the clients were told is compared with what the providers' own ledgers hold.
"""
