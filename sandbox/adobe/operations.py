"""The readable operations: which path, which permission, which answer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.adobe import columns, rendering
from sandbox.adobe.columns import Columns, Row
from sandbox.adobe.criteria import integer, read_criteria
from sandbox.adobe.query import Query
from sandbox.adobe.search import search
from sandbox.adobe.state import GroupedFilters, ReferenceColumn, Shop

ID = "{id}"

CREDIT_PERMISSION = "Magento_Company::credit_history"
COMPANY_PERMISSION = "Magento_Company::index"
CUSTOMER_PERMISSION = "Magento_Customer::customer"


@dataclass(frozen=True)
class Question:
    """What a request asks once its path is known; `path_id` is not yet known to be a number."""

    shop: Shop
    path_id: str
    query: Query

    @property
    def id(self) -> int:
        return integer(self.path_id)


@dataclass(frozen=True)
class Operation:
    path: tuple[str, ...]
    permission: str
    answer: Callable[[Question], object]

    def matches(self, path: tuple[str, ...]) -> bool:
        return len(path) == len(self.path) and all(
            wanted in (ID, segment) for wanted, segment in zip(self.path, path, strict=True)
        )

    def path_id(self, path: tuple[str, ...]) -> str:
        return path[self.path.index(ID)] if ID in self.path else ""


def _credit(question: Question) -> object:
    return rendering.credit_answer(question.shop.credit(question.id))


def _credit_of_company(question: Question) -> object:
    return rendering.credit_answer(question.shop.credit_of(question.id))


def _credits(question: Question) -> object:
    shop = question.shop
    return _found(
        question,
        shop.credits.values(),
        columns.CREDIT,
        rendering.credit_answer,
        grouped=shop.switches.filters_in_group,
    )


def _history(question: Question) -> object:
    switches = question.shop.switches
    knows_reference = switches.reference_column is ReferenceColumn.BOTH
    return _found(
        question,
        question.shop.history.values(),
        columns.HISTORY if knows_reference else columns.HISTORY_WITHOUT_REFERENCE,
        lambda row: rendering.history_answer(row, switches),
        grouped=switches.filters_in_group,
    )


def _company(question: Question) -> object:
    return rendering.company_answer(question.shop.company(question.id))


def _companies(question: Question) -> object:
    return _found(
        question, question.shop.companies.values(), columns.COMPANY, rendering.company_answer
    )


def _customer(question: Question) -> object:
    return rendering.customer_answer(question.shop.customer(question.id))


def _companies_of_customer(question: Question) -> object:
    shop = question.shop
    customer = shop.customer(question.id)
    return [rendering.company_answer(shop.company(one)) for one in customer.company_ids]


def _customers(question: Question) -> object:
    return _found(
        question,
        question.shop.customers.values(),
        columns.CUSTOMER,
        rendering.listed_customer_answer,
    )


def _found(
    question: Question,
    rows: Iterable[Row],
    of_rows: Columns[Row],
    render: Callable[[Row], dict[str, Any]],
    *,
    grouped: GroupedFilters = GroupedFilters.OR,
) -> dict[str, Any]:
    switches = question.shop.switches
    criteria = read_criteria(question.query, switches.input_limits)
    found = search(rows, of_rows, criteria, grouped=grouped, past_end=switches.page_past_end)
    return {
        "items": [render(row) for row in found.items],
        "search_criteria": criteria.echo(),
        "total_count": found.total,
    }


OPERATIONS = (
    Operation(("companyCredits",), CREDIT_PERMISSION, _credits),
    Operation(("companyCredits", "history"), CREDIT_PERMISSION, _history),
    Operation(("companyCredits", ID), CREDIT_PERMISSION, _credit),
    Operation(("companyCredits", "company", ID), CREDIT_PERMISSION, _credit_of_company),
    Operation(("company",), COMPANY_PERMISSION, _companies),
    Operation(("company", ID), COMPANY_PERMISSION, _company),
    Operation(("customers", "search"), CUSTOMER_PERMISSION, _customers),
    Operation(("customers", ID), CUSTOMER_PERMISSION, _customer),
    Operation(("customers", ID, "companies"), COMPANY_PERMISSION, _companies_of_customer),
)
"""
The first match answers, so literal segments stand before ids.

The permission of `customers/{id}/companies` is assumed: it answers companies.
"""
