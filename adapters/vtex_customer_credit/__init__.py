"""Credit accounts, their invoices and statements, as VTEX Customer Credit keeps them."""
