"""Names of things, one type per owner. Provider ids are opaque and may hold personal data."""

from __future__ import annotations

from typing import NewType

SourceKey = NewType("SourceKey", str)
"""Key of a configured source, chosen by the operator: `vtex-br`."""

ProviderAccountId = NewType("ProviderAccountId", str)
ProviderCardId = NewType("ProviderCardId", str)
ProviderStoreCreditId = NewType("ProviderStoreCreditId", str)
ProviderInvoiceId = NewType("ProviderInvoiceId", str)
ProviderHoldId = NewType("ProviderHoldId", str)
ProviderEntryId = NewType("ProviderEntryId", str)
ProviderCustomerId = NewType("ProviderCustomerId", str)

OperationId = NewType("OperationId", str)
"""Of the gateway's own record of a mutation."""
