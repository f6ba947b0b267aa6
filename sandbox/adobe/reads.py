"""The readable operations and their answers."""

from collections.abc import Callable, Iterable
from typing import Any

from sandbox.adobe import columns, rendering
from sandbox.adobe.columns import Columns, Row
from sandbox.adobe.criteria import read_criteria
from sandbox.adobe.questions import ID, Operation, Question
from sandbox.adobe.search import search
from sandbox.adobe.switches import GroupedFilters, ReferenceColumn

CREDIT_PERMISSION = "Magento_Company::credit_history"
COMPANY_PERMISSION = "Magento_Company::index"
CUSTOMER_PERMISSION = "Magento_Customer::customer"


async def _credit(question: Question) -> object:
    return rendering.credit_answer(question.shop.credit(question.id))


async def _credit_of_company(question: Question) -> object:
    return rendering.credit_answer(question.shop.credit_of(question.id))


async def _credits(question: Question) -> object:
    shop = question.shop
    return _found(
        question,
        shop.credits.values(),
        columns.CREDIT,
        rendering.credit_answer,
        grouped=shop.switches.filters_in_group,
    )


async def _history(question: Question) -> object:
    switches = question.shop.switches
    knows_reference = switches.reference_column is ReferenceColumn.BOTH
    return _found(
        question,
        question.shop.history.values(),
        columns.HISTORY if knows_reference else columns.HISTORY_WITHOUT_REFERENCE,
        lambda row: rendering.history_answer(row, switches),
        grouped=switches.filters_in_group,
    )


async def _company(question: Question) -> object:
    return rendering.company_answer(question.shop.company(question.id))


async def _companies(question: Question) -> object:
    return _found(
        question, question.shop.companies.values(), columns.COMPANY, rendering.company_answer
    )


async def _customer(question: Question) -> object:
    return rendering.customer_answer(question.shop.customer(question.id))


async def _companies_of_customer(question: Question) -> object:
    shop = question.shop
    customer = shop.customer(question.id)
    return [rendering.company_answer(shop.company(one)) for one in customer.company_ids]


async def _customers(question: Question) -> object:
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


READS = (
    Operation("GET", ("companyCredits",), CREDIT_PERMISSION, _credits),
    Operation("GET", ("companyCredits", "history"), CREDIT_PERMISSION, _history),
    Operation("GET", ("companyCredits", ID), CREDIT_PERMISSION, _credit),
    Operation("GET", ("companyCredits", "company", ID), CREDIT_PERMISSION, _credit_of_company),
    Operation("GET", ("company",), COMPANY_PERMISSION, _companies),
    Operation("GET", ("company", ID), COMPANY_PERMISSION, _company),
    Operation("GET", ("customers", "search"), CUSTOMER_PERMISSION, _customers),
    Operation("GET", ("customers", ID), CUSTOMER_PERMISSION, _customer),
    Operation("GET", ("customers", ID, "companies"), COMPANY_PERMISSION, _companies_of_customer),
)
"""
The first match answers, so literal segments stand before ids.

The permission of `customers/{id}/companies` is assumed: it answers companies.
"""
