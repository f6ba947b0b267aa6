"""The worked example: what shopper@example.com can spend in BRL."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from tests.graphql.graph import JSON

TOTAL: Final = Decimal("4752.35")

PART_OF: Final = {
    "vtex-credit": Decimal("950.55"),
    "vtex-giftcard": Decimal("40.00"),
    "adobe": Decimal("3749.50"),
    "medusa": Decimal("12.30"),
}
"""What each source adds to the total."""

KIND_OF: Final = {
    "vtex-credit": "CREDIT_LINE",
    "vtex-giftcard": "GIFT_CARD",
    "adobe": "CREDIT_LINE",
    "medusa": "STORE_CREDIT",
}

QUERY: Final = """
query Spendable($options: SpendableOptions) {
  customer(by: {email: "shopper@example.com"}) {
    spendableCredit(currency: BRL, options: $options) {
      currencyCode
      total { amount currencyCode }
      indicativeTotal { amount currencyCode }
      completeness
      asOf
      byCurrency { currencyCode total { amount } instruments }
      byKind { kind total { amount } instruments }
      byInstrument {
        counted
        indicative { amount }
        instrument {
          id kind nativeId currencyCode status version observedAt freshness source { key }
          ... on CreditAccount { limit { amount } available { amount } held { amount } tolerance }
          ... on GiftCard { maskedCode balance { amount } }
          ... on StoreCreditAccount { balance { amount } }
        }
        spendable {
          amount { amount currencyCode }
          ofWhichTolerance { amount }
          eligible
          reasons
          warnings
          unbounded
          expiresAt
        }
      }
      unconverted { amount currencyCode }
      rates { from to rate haircutBps }
      expiringNext { instrument { id } }
      soon: expiringWithin(days: 30) { amount }
      later: expiringWithin(days: 120) { amount }
      unavailable { source { key } kind affects message retryable retryAfterSeconds correlationId }
    }
  }
}
"""


def spendable_of(answer: JSON) -> JSON:
    found: JSON = answer["customer"]["spendableCredit"]
    return found


def source_of(line: JSON) -> str:
    key: str = line["instrument"]["source"]["key"]
    return key
