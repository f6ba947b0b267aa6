"""What changes accounts, holds, invoices and the terms of the store."""
