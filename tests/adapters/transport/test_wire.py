"""What all wire models share: exact numbers, instants, and silence about their input."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from adapters.transport.wire import (
    ExactDecimal,
    ExactNumber,
    UtcInstant,
    WholeNumber,
    WireModel,
    instant,
)

NUMBER = TypeAdapter(ExactDecimal)
INSTANT = TypeAdapter(UtcInstant)
NUMBER_ALONE = TypeAdapter(ExactNumber)
COUNT = TypeAdapter(WholeNumber)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7, "7"),
        (-15, "-15"),
        (12345678901234567890123, "12345678901234567890123"),
        (Decimal("850.555"), "850.555"),
        (Decimal("0.10"), "0.10"),
        (Decimal("-0.0"), "0.0"),
        (Decimal("1E+3"), "1E+3"),
        ("-15.0", "-15.0"),
        ("+5", "5"),
        ("1e-7", "1E-7"),
    ],
)
def test_a_number_or_numeric_text_is_an_exact_decimal(value: object, text: str) -> None:
    assert str(NUMBER.validate_python(value)) == text


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        True,
        None,
        "",
        " 12 ",
        "1_000",
        "1,000.00",
        "R$ 10",
        "0x10",
        "١٢",
        ".5",
        "NaN",
        "Infinity",
        Decimal("NaN"),
        Decimal("-Infinity"),
        Decimal("1E+401"),
        Decimal("0E+500"),
        Decimal("1E-401"),
        "1e999999999",
        "1e99999999999999999999",
        "1" * 401,
        [0, [1, 2], -1],
        (0, (1, 2), -1),
        {"value": 1},
    ],
    ids=repr,
)
def test_anything_else_is_no_number(value: object) -> None:
    with pytest.raises(ValidationError):
        NUMBER.validate_python(value)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2023-11-09T18:26:43.2112239Z", datetime(2023, 11, 9, 18, 26, 43, 211223, UTC)),
        ("2023-11-10T19:46:50.55Z", datetime(2023, 11, 10, 19, 46, 50, 550000, UTC)),
        ("2023-11-25T00:00:00", datetime(2023, 11, 25, tzinfo=UTC)),
        ("2023-11-25 10:00:00", datetime(2023, 11, 25, 10, tzinfo=UTC)),
        ("2023-01-20", datetime(2023, 1, 20, tzinfo=UTC)),
        ("2023-11-25T00:00:00-03:00", datetime(2023, 11, 25, 3, tzinfo=UTC)),
        ("0001-01-01T00:00:00", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_an_instant_is_in_utc(text: str, at: datetime) -> None:
    read = INSTANT.validate_python(text)

    assert read == at == instant(text)
    assert read.tzinfo is UTC


def test_an_instant_that_was_read_stays_what_it_is() -> None:
    at = datetime(2023, 1, 20, tzinfo=UTC)

    assert INSTANT.validate_python(at) is at


@pytest.mark.parametrize(
    "value",
    ["", "soon", "17", "2023-13-01", "0001-01-01T00:00:00+14:00", 17, Decimal("1.5"), True, None],
    ids=repr,
)
def test_anything_else_is_no_instant(value: object) -> None:
    with pytest.raises(ValidationError):
        INSTANT.validate_python(value)


class Document(WireModel):
    id: str
    value: ExactDecimal
    at: UtcInstant


@pytest.mark.parametrize(
    "document",
    [
        {"id": ["secret@example.com"], "value": 1, "at": "2023-01-20"},
        {"id": "1", "value": "secret@example.com", "at": "2023-01-20"},
        {"id": "1", "value": 1, "at": "secret@example.com"},
        "secret@example.com",
    ],
)
def test_an_error_does_not_repeat_the_document(document: object) -> None:
    with pytest.raises(ValidationError) as refusal:
        Document.model_validate(document)

    assert "secret" not in str(refusal.value)


def test_members_nobody_asked_for_are_ignored() -> None:
    document = Document.model_validate({"id": "1", "value": 1, "at": "2023-01-20", "new": {}})

    assert document.model_dump().keys() == {"id", "value", "at"}


def test_where_numbers_are_documented_a_number_is_read_with_its_digits() -> None:
    assert str(NUMBER_ALONE.validate_python(Decimal("40.5000"))) == "40.5000"
    assert NUMBER_ALONE.validate_python(-15) == Decimal(-15)


@pytest.mark.parametrize("value", ["40", "40.50", True, None, 1.5, [40]])
def test_where_numbers_are_documented_nothing_else_is_one(value: object) -> None:
    with pytest.raises(ValidationError):
        NUMBER_ALONE.validate_python(value)


@pytest.mark.parametrize(("value", "count"), [(3, 3), (Decimal("3.0"), 3), (Decimal("1E+2"), 100)])
def test_a_count_is_whole_however_it_is_written(value: object, count: int) -> None:
    found = COUNT.validate_python(value)
    assert (found, type(found)) == (count, int)


@pytest.mark.parametrize(
    "value", ["3", True, None, Decimal("3.5"), Decimal("1E+300000"), Decimal("NaN"), 3.0]
)
def test_what_is_not_whole_or_no_number_is_no_count(value: object) -> None:
    with pytest.raises(ValidationError):
        COUNT.validate_python(value)
