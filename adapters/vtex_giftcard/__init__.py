"""VTEX Giftcard: prepaid cards in the provider's native API (`vtex.giftcard`)."""
