"""Every instruction that this provider carries out: what goes out for it, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import respx

from adapters.transport import exact_json
from app.domain.identifiers import ProviderHoldId, ProviderInvoiceId
from app.domain.instructions import (
    AddAccountHolder,
    BalanceReason,
    CancelInvoice,
    CaptureHoldOnCredit,
    ChangeHoldOnCredit,
    CloseCreditAccount,
    DecreaseCreditBalance,
    HoldOnCredit,
    Instruction,
    MarkInvoicePaid,
    OpenCreditAccount,
    PostponeInvoice,
    RefundHoldOnCredit,
    ReleaseHoldOnCredit,
    RemoveAccountHolder,
    SetCreditLimit,
    SetCreditTolerance,
    UpdateCreditAccount,
    UpdateInvoice,
    UpdateStoreConfiguration,
    UpsertCreditAccount,
)
from app.domain.instruments import VtexDocumentType
from app.domain.invoices import Reminder, StoreConfiguration
from app.domain.operation import Booking
from tests.adapters.vtex_customer_credit.writing import (
    ACCOUNT,
    ACCOUNT_PATH,
    MARK,
    ROOT_PATH,
    SOURCE,
    Said,
    brl,
)

HOLD: Final = ProviderHoldId("5d96bcdf0fbc46e1866a05f721f31623")
INVOICE: Final = ProviderInvoiceId(f"{HOLD.upper()}-01")
HOLDER: Final = "054a67b342164018a0f291636c1669f1"
DUE: Final = datetime(2026, 12, 22, 12, 0, tzinfo=UTC)

ACCOUNT_BODY: Final[Mapping[str, Any]] = {
    "id": ACCOUNT,
    "balance": 0.0,
    "document": "11144477735",
    "status": "Open",
    "documentType": "CPF",
    "creditLimit": 1000,
    "updatedAt": "2026-11-20T15:26:40.3425717Z",
    "createdAt": "2025-12-04T14:06:02.7905Z",
    "description": "",
    "availableCredit": 850.555,
    "preAuthorizedCredit": 0.0,
    "email": "shopper@example.com",
    "tolerance": 0.10,
    "availableBalance": 850.555,
}

INVOICE_BODY: Final[Mapping[str, Any]] = {
    "id": INVOICE,
    "friendlyId": "u8KFsGDk-1",
    "status": "Opened",
    "value": 49.95,
    "accountId": ACCOUNT,
    "creditAccountId": ACCOUNT,
    "creditValue": 0.0,
    "createdAt": "2026-11-22T11:00:00.2112234Z",
    "updatedAt": "2026-11-22T11:00:00.2112234Z",
    "originalDueDate": "2026-12-22T12:00:00Z",
    "dueDate": "2026-12-22T12:00:00Z",
    "installment": 1,
    "numberOfInstallments": 1,
    "transactionId": HOLD.upper(),
    "orderId": "1234567890123-01",
    "observation": "Kept",
    "paymentLink": None,
}

TERMS_BODY: Final[Mapping[str, Any]] = {
    "dailyInterestRate": 0.01,
    "invoicePostponementLimit": 2,
    "taxRate": 0.4,
    "maxPostponementDays": 30,
    "defaultCreditValue": 150.0,
    "postponementEnabled": True,
    "automaticCheckingAccountCreationEnabled": False,
    "toleranceEnabled": True,
    "myCreditsEnabled": False,
    "maxPreAuthorizationGrowthRate": 0.1,
    "notificationsSettings": {"daysPrior": [{"days": 1, "timeOfDay": "16:00:00"}], "daysAfter": []},
}

TERMS: Final = StoreConfiguration(
    source=SOURCE,
    daily_interest_rate=Decimal("0.01"),
    tax_rate=Decimal("0.4"),
    default_limit=brl("150.0"),
    postponement_enabled=True,
    max_postponements=2,
    max_postponement_days=30,
    tolerance_enabled=True,
    self_service_enabled=False,
    automatic_accounts=False,
    max_hold_growth_rate=Decimal("0.1"),
    reminders_before=(Reminder(days=1, time_of_day="16:00:00"),),
    reminders_after=(),
)

OF_ACCOUNT: Final[dict[str, Any]] = {"source": SOURCE, "account_id": ACCOUNT}
OF_HOLD: Final[dict[str, Any]] = {**OF_ACCOUNT, "hold_id": HOLD}
OF_INVOICE: Final[dict[str, Any]] = {**OF_ACCOUNT, "invoice_id": INVOICE}


OPEN: Final = OpenCreditAccount(
    source=SOURCE,
    email="shopper@example.com",
    document="11144477735",
    document_type=VtexDocumentType.CPF,
    limit=brl("1000.00"),
    tolerance=Decimal("0.10"),
)
UPSERT: Final = UpsertCreditAccount(
    **OF_ACCOUNT, email="new@example.com", limit=brl("2000.5"), reopen_closed=False
)
UPSERT_OF_NONE: Final = UpsertCreditAccount(
    **OF_ACCOUNT, email="shopper@example.com", limit=brl("1000.00"), reopen_closed=False
)
UPDATE: Final = UpdateCreditAccount(
    **OF_ACCOUNT, email="new@example.com", limit=brl("1E+3"), tolerance=Decimal("0.25")
)
CLOSE: Final = CloseCreditAccount(**OF_ACCOUNT)
LIMIT: Final = SetCreditLimit(**OF_ACCOUNT, limit=brl("5500.00"))
TOLERANCE: Final = SetCreditTolerance(**OF_ACCOUNT, tolerance=Decimal("0.3"))
DECREASE: Final = DecreaseCreditBalance(
    **OF_ACCOUNT, amount=brl("15"), reason=BalanceReason.PURCHASED
)
ADD_HOLDER: Final = AddAccountHolder(**OF_ACCOUNT, email="holder@example.com")
REMOVE_HOLDER: Final = RemoveAccountHolder(**OF_ACCOUNT, holder_id=HOLDER)
PLACE: Final = HoldOnCredit(
    **OF_ACCOUNT,
    amount=brl("49.70"),
    installments=2,
    expires_at=datetime(2026, 11, 25, 9, 30, 0, 5, tzinfo=UTC),
)
CHANGE: Final = ChangeHoldOnCredit(
    **OF_HOLD, amount=brl("55"), amount_before=brl("49.70"), installments=1
)
CAPTURE: Final = CaptureHoldOnCredit(**OF_HOLD, amount=brl("49.95"))
REFUND: Final = RefundHoldOnCredit(**OF_HOLD, amount=brl("30"))
RELEASE: Final = ReleaseHoldOnCredit(**OF_HOLD)
UPDATE_INVOICE: Final = UpdateInvoice(**OF_INVOICE, payment_link="https://pay.example.com/1")
PAY: Final = MarkInvoicePaid(**OF_INVOICE)
POSTPONE: Final = PostponeInvoice(**OF_INVOICE, days=10, due_at_before=DUE)
CANCEL: Final = CancelInvoice(**OF_INVOICE)
UPDATE_TERMS: Final = UpdateStoreConfiguration(source=SOURCE, terms=TERMS)


class Backend:
    """What the provider keeps, as reads show it; change a member and they show that."""

    def __init__(self, router: respx.Router) -> None:
        self.account = router.get(path=ACCOUNT_PATH)
        self.search = router.get(path=f"{ROOT_PATH}/accounts")
        self.statements = router.get(path=f"{ACCOUNT_PATH}/statements")
        self.invoices = router.get(path=f"{ACCOUNT_PATH}/invoices")
        self.invoice = router.get(path=f"{ACCOUNT_PATH}/invoices/{INVOICE}")
        self.terms = router.get(path=f"{ROOT_PATH}/storeconfig")
        self.shows_account()
        self.finds_accounts()
        self.shows_entries()
        self.shows_invoices()
        self.shows_invoice()
        self.shows_terms()

    def shows_account(self, **members: Any) -> None:
        self.account.respond(text=written_as({**ACCOUNT_BODY, **members}))

    def has_no_account(self) -> None:
        self.account.respond(404)

    def finds_accounts(self, *accounts: Mapping[str, Any]) -> None:
        self.search.respond(text=written_as({"data": list(accounts)}))

    def shows_entries(self, *entries: Mapping[str, Any]) -> None:
        self.statements.respond(text=written_as({"statements": list(entries)}))

    def shows_invoices(self, *invoices: Mapping[str, Any]) -> None:
        self.invoices.respond(text=written_as({"data": list(invoices)}))

    def shows_invoice(self, **members: Any) -> None:
        self.invoice.respond(text=written_as({**INVOICE_BODY, **members}))

    def shows_terms(self, **members: Any) -> None:
        self.terms.respond(text=written_as({**TERMS_BODY, **members}))


def written_as(document: object) -> str:
    return exact_json.encode(document).decode()


DONE: Final = Booking()


@dataclass(frozen=True, kw_only=True)
class Scene:
    """
    Attributes:
        path: Below the root of the API.
        answer: To it; None where the provider sends nothing.
        missing: What a 404 speaks of.
        is_there: Whether the provider has the account before.
    """

    instruction: Instruction
    operation: str
    method: str
    path: str
    body: str = ""
    answer: Mapping[str, Any] | None = None
    booking: Booking = DONE
    missing: str | None = "credit account"
    is_there: bool = True

    @property
    def said(self) -> Said:
        return Said(self.method, self.path, self.body)

    def stage(self, backend: Backend) -> None:
        if not self.is_there:
            backend.has_no_account()


def answered(**members: Any) -> Mapping[str, Any]:
    return {**ACCOUNT_BODY, **members}


def _without(body: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


OPENING: Final = (
    '{"document":"11144477735","documentType":"CPF","email":"shopper@example.com",'
    '"creditLimit":"1000.00","tolerance":"%s","description":""}'
)

SCENES: Final[Mapping[str, Scene]] = {
    "open": Scene(
        instruction=OPEN,
        operation="vtex.cc/OpenanAccount",
        method="POST",
        path="/accounts",
        body=OPENING % "0.10",
        answer=answered(),
        booking=Booking(created_id=ACCOUNT),
        missing=None,
        is_there=False,
    ),
    "upsert what is there": Scene(
        instruction=UPSERT,
        operation="vtex.cc/OpenorChangeAccount",
        method="PUT",
        path=f"/accounts/{ACCOUNT}",
        body='{"email":"new@example.com","document":"11144477735","documentType":"CPF",'
        '"creditLimit":2000.5}',
        answer=answered(email="new@example.com", creditLimit=2000.5),
    ),
    "upsert what is not": Scene(
        instruction=UPSERT_OF_NONE,
        operation="vtex.cc/OpenanAccount",
        method="POST",
        path="/accounts",
        body=OPENING % "0",
        answer=answered(tolerance=0),
        missing=None,
        is_there=False,
    ),
    "update": Scene(
        instruction=UPDATE,
        operation="vtex.cc/Updateemailanddescriptionofaaccount",
        method="PUT",
        path=f"/accounts/{ACCOUNT}",
        body='{"email":"new@example.com","document":"11144477735","documentType":"CPF",'
        '"creditLimit":1000,"tolerance":0.25}',
        answer=answered(email="new@example.com", tolerance=Decimal("0.25")),
    ),
    "close": Scene(
        instruction=CLOSE,
        operation="vtex.cc/CloseanAccount",
        method="DELETE",
        path=f"/accounts/{ACCOUNT}",
        body="{}",
        answer=answered(status="Closed"),
    ),
    "set the limit": Scene(
        instruction=LIMIT,
        operation="vtex.cc/ChangecreditlimitofanAccount",
        method="PUT",
        path=f"/accounts/{ACCOUNT}/creditlimit",
        body='{"value":5500.00}',
        answer=_without(answered(creditLimit=Decimal("5500.0")), "document", "documentType"),
    ),
    "set the tolerance": Scene(
        instruction=TOLERANCE,
        operation="vtex.cc/Changetoleranceofanaccount",
        method="PUT",
        path=f"/accounts/{ACCOUNT}/tolerance",
        body='{"value":0.3}',
        answer=_without(answered(tolerance=Decimal("0.30")), "document", "documentType"),
    ),
    "decrease the balance": Scene(
        instruction=DECREASE,
        operation="vtex.cc/Decreasebalanceofanaccount",
        method="PUT",
        path=f"/accounts/{ACCOUNT}/statements/{MARK}",
        body='{"value":"-15"}',
        answer={"value": "-15.0"},
        booking=Booking(provider_reference=MARK),
    ),
    "add a holder": Scene(
        instruction=ADD_HOLDER,
        operation="vtex.cc/AddanaccountHolder",
        method="POST",
        path=f"/accounts/{ACCOUNT}/holders",
        body='{"claims":{"email":"holder@example.com"}}',
        answer={
            "level": 2,
            "claims": {"email": "holder@example.com"},
            "id": HOLDER,
            "createdAt": "2026-11-22T12:00:00.402627Z",
        },
        booking=Booking(created_id=HOLDER),
    ),
    "remove a holder": Scene(
        instruction=REMOVE_HOLDER,
        operation="vtex.cc/Deleteanaccountholder",
        method="DELETE",
        path=f"/accounts/{ACCOUNT}/holders/{HOLDER}",
        answer={"id": HOLDER},
        missing="account holder",
    ),
    "hold": Scene(
        instruction=PLACE,
        operation="vtex.cc/CreateaPreAuthorization",
        method="POST",
        path=f"/accounts/{ACCOUNT}/transactions",
        body='{"value":49.70,"settle":false,"installments":2,'
        '"expirationDate":"2026-11-25T09:30:00Z"}',
        answer={
            "id": HOLD,
            "value": Decimal("49.7"),
            "expirationDate": "2026-11-25T00:00:00",
            "installments": 2,
        },
        booking=Booking(provider_reference=HOLD, hold_id=HOLD),
    ),
    "change a hold": Scene(
        instruction=CHANGE,
        operation="vtex.cc/CreateaPreAuthorization(usingid)",
        method="PUT",
        path=f"/accounts/{ACCOUNT}/transactions/{HOLD}",
        body='{"value":55,"settle":false,"installments":1}',
        answer={"id": HOLD, "value": Decimal("55.0"), "installments": 1},
        booking=Booking(provider_reference=HOLD),
        missing="hold",
    ),
    "capture a hold": Scene(
        instruction=CAPTURE,
        operation="vtex.cc/CreateorUpdateSettlement",
        method="PUT",
        path=f"/accounts/{ACCOUNT}/transactions/{HOLD}/settlement",
        body='{"value":49.95}',
        answer={"value": Decimal("49.95"), "id": HOLD.upper()},
        booking=Booking(provider_reference=HOLD.upper()),
        missing="hold",
    ),
    "refund a hold": Scene(
        instruction=REFUND,
        operation="vtex.cc/PartialorTotalRefundaSettlement",
        method="POST",
        path=f"/accounts/{ACCOUNT}/transactions/{HOLD}/refunds",
        body='{"value":30}',
        answer={"value": Decimal("30.0")},
        booking=Booking(provider_reference=HOLD),
        missing="hold",
    ),
    "release a hold": Scene(
        instruction=RELEASE,
        operation="vtex.cc/CancelaPreAuthorization",
        method="DELETE",
        path=f"/accounts/{ACCOUNT}/transactions/{HOLD}",
        booking=Booking(provider_reference=HOLD),
        missing="hold",
    ),
    "update an invoice": Scene(
        instruction=UPDATE_INVOICE,
        operation="vtex.cc/ChangeInvoice",
        method="PUT",
        path=f"/accounts/{ACCOUNT}/invoices/{INVOICE}",
        body='{"status":"Opened","observation":"Kept","paymentLink":"https://pay.example.com/1"}',
        missing="invoice",
    ),
    "mark an invoice paid": Scene(
        instruction=PAY,
        operation="vtex.cc/MarkaninvoiceasPaid",
        method="POST",
        path=f"/accounts/{ACCOUNT}/invoices/{INVOICE}/payments",
        answer={**INVOICE_BODY, "status": "Paid"},
        missing="invoice",
    ),
    "postpone an invoice": Scene(
        instruction=POSTPONE,
        operation="vtex.cc/Postponeaninvoice",
        method="PUT",
        path=f"/accounts/{ACCOUNT}/invoices/{INVOICE}/postponement",
        body='{"dueDays":10}',
        missing="invoice",
    ),
    "cancel an invoice": Scene(
        instruction=CANCEL,
        operation="vtex.cc/CancelInvoice",
        method="DELETE",
        path=f"/accounts/{ACCOUNT}/invoices/{INVOICE}",
        missing="invoice",
    ),
    "update the terms": Scene(
        instruction=UPDATE_TERMS,
        operation="vtex.cc/Createorchangestoreconfiguration",
        method="PUT",
        path="/storeconfig",
        body='{"dailyInterestRate":0.01,"invoicePostponementLimit":2,"taxRate":0.4,'
        '"maxPostponementDays":30,"defaultCreditValue":150.0,'
        '"maxPreAuthorizationGrowthRate":0.1,"myCreditsEnabled":false,"toleranceEnabled":true,'
        '"automaticCheckingAccountCreationEnabled":false,"postponementEnabled":true,'
        '"notificationsSettings":{"daysPrior":[{"days":1,"timeOfDay":"16:00:00"}],'
        '"daysAfter":[]}}',
        answer=TERMS_BODY,
        missing=None,
    ),
}
