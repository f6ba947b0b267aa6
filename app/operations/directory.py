"""Who is who: from what a caller knows of a customer to everything that is known of them."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.customer import CustomerIdentity, IdentityMatch, Link
from app.domain.errors import InvalidQuestion
from app.domain.identifiers import ProviderCustomerId, SourceKey

LONGEST_EMAIL = 254
LONGEST_DOCUMENT = 32
LONGEST_PROVIDER_ID = 512


class Directory:
    """
    The identity links an operator has configured.

    Args:
        people: Each with an e-mail, a document or a link, by which it is found.
    """

    def __init__(self, people: Sequence[CustomerIdentity] = ()) -> None:
        self._by_email = {one.email: one for one in people if one.email}
        self._by_document = {one.document: one for one in people if one.document}
        self._by_link = {
            (link.source, link.provider_customer_id): one for one in people for link in one.links
        }

    def by_email(self, email: str) -> CustomerIdentity:
        """
        Raises:
            InvalidQuestion: That is no e-mail address.
        """
        email = email.strip().lower()
        local, at, domain = email.partition("@")
        if not (local and at and domain) or len(email) > LONGEST_EMAIL or not _plain(email):
            raise InvalidQuestion("That is no e-mail address.")
        return self._by_email.get(email) or CustomerIdentity(email=email)

    def known(self, who: CustomerIdentity) -> CustomerIdentity:
        """*who*, from verified claims, with what is configured for them; the claims win."""
        entry = (
            self._by_email.get(who.email or "")
            or self._by_document.get(who.document or "")
            or next(
                (
                    found
                    for link in who.links
                    if (found := self._by_link.get((link.source, link.provider_customer_id)))
                ),
                None,
            )
        )
        if entry is None:
            return who
        linked = {link.source for link in who.links}
        return CustomerIdentity(
            email=who.email or entry.email,
            document=who.document or entry.document,
            display_name=entry.display_name,
            links=(*who.links, *(link for link in entry.links if link.source not in linked)),
        )

    def by_document(self, document: str) -> CustomerIdentity:
        """
        Args:
            document: With or without punctuation.

        Raises:
            InvalidQuestion: There are no digits in it.
        """
        digits = "".join(char for char in document if char in "0123456789")
        if not digits or len(document) > LONGEST_DOCUMENT:
            raise InvalidQuestion("A document is a number, with or without punctuation.")
        return self._by_document.get(digits) or CustomerIdentity(document=digits)

    def by_external_id(self, source: SourceKey, native_id: str) -> CustomerIdentity:
        """
        Raises:
            InvalidQuestion: That cannot be an id.
        """
        if not native_id or len(native_id) > LONGEST_PROVIDER_ID or not native_id.isprintable():
            raise InvalidQuestion("That cannot be an id of a customer.")
        own_id = ProviderCustomerId(native_id)
        return self._by_link.get((source, own_id)) or CustomerIdentity(
            links=(Link(source, own_id, IdentityMatch.DIRECTORY),)
        )


def _plain(email: str) -> bool:
    """Without letters that only look like others, or become them in lower case."""
    return email.isascii() and email.isprintable()
