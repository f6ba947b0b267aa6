"""
Every operation the four contracts list.

The names of VTEX are the ids of its own documents, those of Adobe and Medusa are built as their
directories build them: the verb, then the path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ContractOperation:
    """
    Attributes:
        name: As adapters and `@upstream` call it: `vtex.cc/OpenanAccount`.
        path: With its variable segments in braces.
        instead: The operations that do its work, where it is never called itself.
    """

    name: str
    verb: str
    path: str
    instead: Sequence[str] = ()

    def is_call(self, verb: str, path: str) -> bool:
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(self.path))
        return verb == self.verb and re.fullmatch(pattern, path) is not None


CUSTOMER_CREDIT: Final = "VTEX Customer Credit"
GIFTCARD: Final = "VTEX Giftcard"
COMPANY_CREDIT: Final = "Adobe Commerce company credit"
STORE_CREDIT: Final = "Medusa store credit"

_LISTED: Final = {
    CUSTOMER_CREDIT: (
        "vtex.cc",
        "/api/creditcontrol",
        """
        Searchallaccounts GET /accounts
        OpenanAccount POST /accounts
        RetrieveaAccountbyId GET /accounts/{id}
        Updateemailanddescriptionofaaccount PUT /accounts/{id}
        OpenorChangeAccount PUT /accounts/{id}
        CloseanAccount DELETE /accounts/{id}
        ChangecreditlimitofanAccount PUT /accounts/{id}/creditlimit
        Changetoleranceofanaccount PUT /accounts/{id}/tolerance
        Accountstatements GET /accounts/{id}/statements
        Decreasebalanceofanaccount PUT /accounts/{id}/statements/{statementId}
        CreateaPreAuthorization POST /accounts/{id}/transactions
        CreateaPreAuthorization(usingid) PUT /accounts/{id}/transactions/{tid}
        CancelaPreAuthorization DELETE /accounts/{id}/transactions/{tid}
        CreateorUpdateSettlement PUT /accounts/{id}/transactions/{tid}/settlement
        PartialorTotalRefundaSettlement POST /accounts/{id}/transactions/{tid}/refunds
        AddanaccountHolder POST /accounts/{id}/holders
        Deleteanaccountholder DELETE /accounts/{id}/holders/{holderId}
        Searchallinvoices GET /invoices
        SearchallinvoicesofaAccount GET /accounts/{id}/invoices
        RetrieveInvoicebyId GET /accounts/{id}/invoices/{iid}
        ChangeInvoice PUT /accounts/{id}/invoices/{iid}
        CancelInvoice DELETE /accounts/{id}/invoices/{iid}
        MarkaninvoiceasPaid POST /accounts/{id}/invoices/{iid}/payments
        Postponeaninvoice PUT /accounts/{id}/invoices/{iid}/postponement
        Retrievestoreconfiguration GET /storeconfig
        Createorchangestoreconfiguration PUT /storeconfig
        """,
    ),
    GIFTCARD: (
        "vtex.gc",
        "/api",
        """
        CreateGiftCard POST /giftcards
        GetGiftCardbyID GET /giftcards/{cardId}
        SearchGiftCardsfromcartdata POST /giftcards/_search
        GetGiftCardTransactions GET /giftcards/{cardId}/transactions
        CreateGiftCardTransaction POST /giftcards/{cardId}/transactions
        GetGiftCardTransactionbyID GET /giftcards/{cardId}/transactions/{tid}
        GetTransactionAuthorizations GET /giftcards/{cardId}/transactions/{tid}/authorization
        GetTransactionCancellations GET /giftcards/{cardId}/transactions/{tid}/cancellations
        CancelGiftCardTransaction POST /giftcards/{cardId}/transactions/{tid}/cancellations
        GetTransactionSettlements GET /giftcards/{cardId}/transactions/{tid}/settlements
        SettleGiftCardTransaction POST /giftcards/{cardId}/transactions/{tid}/settlements
        """,
    ),
    COMPANY_CREDIT: (
        "adobe.credit",
        "/V1",
        """
        GetV1CompanyCreditsCreditId GET /companyCredits/{creditId}
        GetV1CompanyCreditsCompanyCompanyId GET /companyCredits/company/{companyId}
        GetV1CompanyCredits GET /companyCredits
        PutV1CompanyCreditsId PUT /companyCredits/{id}
        PostV1CompanyCreditsCreditIdIncreaseBalance POST /companyCredits/{creditId}/increaseBalance
        PostV1CompanyCreditsCreditIdDecreaseBalance POST /companyCredits/{creditId}/decreaseBalance
        GetV1CompanyCreditsHistory GET /companyCredits/history
        PutV1CompanyCreditsHistoryHistoryId PUT /companyCredits/history/{historyId}
        """,
    ),
    STORE_CREDIT: (
        "medusa.sc",
        "",
        """
        GetStoreCreditAccounts GET /admin/store-credit-accounts
        PostStoreCreditAccounts POST /admin/store-credit-accounts
        GetStoreCreditAccountsId GET /admin/store-credit-accounts/{id}
        PostStoreCreditAccountsIdCredit POST /admin/store-credit-accounts/{id}/credit
        PostStoreCreditAccountsIdDebit POST /admin/store-credit-accounts/{id}/debit
        GetStoreCreditAccountsIdTransactions GET /admin/store-credit-accounts/{id}/transactions
        StorePostStoreCreditAccountsClaim POST /store/store-credit-accounts/claim
        """,
    ),
}

_INSTEAD: Final = {
    "medusa.sc/StorePostStoreCreditAccountsClaim": (
        "medusa.sc/PostStoreCreditAccountsIdDebit",
        "medusa.sc/PostStoreCreditAccountsIdCredit",
    )
}
"""The provider's own claim wants the shopper's token at the shop, which the gateway never has."""

BESIDE: Final = frozenset(
    {
        "adobe.credit/GetV1Company",
        "adobe.credit/GetV1CompanyCompanyId",
        "adobe.credit/GetV1CustomersCustomerId",
        "adobe.credit/GetV1CustomersSearch",
        "medusa.sc/GetGiftCards",
        "medusa.sc/GetGiftCardsId",
    }
)
"""Calls of other APIs of the same shop, to know whose credit it is, and what a card is worth."""


def _operations(prefix: str, root: str, listed: str) -> Iterator[ContractOperation]:
    for line in listed.split("\n"):
        if line.strip():
            name, verb, path = line.split()
            whole = f"{prefix}/{name}"
            yield ContractOperation(whole, verb, root + path, _INSTEAD.get(whole, ()))


CONTRACTS: Final[Mapping[str, Sequence[ContractOperation]]] = {
    provider: tuple(_operations(*listed)) for provider, listed in _LISTED.items()
}

OPERATIONS: Final[Mapping[str, ContractOperation]] = {
    one.name: one for operations in CONTRACTS.values() for one in operations
}

CALLED: Final = frozenset(name for name, one in OPERATIONS.items() if not one.instead)
