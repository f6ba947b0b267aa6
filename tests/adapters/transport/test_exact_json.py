"""Numbers keep their digits in both directions."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.transport import exact_json


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("850.555", Decimal("850.555")),
        ("0.1", Decimal("0.1")),
        ("0.10", Decimal("0.10")),
        ("-0.0", Decimal("-0.0")),
        ("1234567890123456.789", Decimal("1234567890123456.789")),
        ("1e3", Decimal("1E+3")),
        ("12345678901234567890", 12345678901234567890),
        ("7", 7),
    ],
)
def test_a_number_is_read_from_its_text(text: str, number: Decimal | int) -> None:
    read = exact_json.decode(text.encode())

    assert (str(read), type(read)) == (str(number), type(number))


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_comes_back_with_its_own_digits(number: Decimal) -> None:
    written = exact_json.encode({"value": number})

    assert exact_json.decode(written) == {"value": number}
    assert json.loads(written) is not None


def test_a_decimal_goes_out_as_a_number() -> None:
    assert exact_json.encode({"value": Decimal("0.10"), "text": "ação"}) == (
        b'{"value":0.10,"text":"a\\u00e7\\u00e3o"}'
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"id":',
        b"NaN",
        b"[Infinity]",
        b"-Infinity",
        b'"\xff"',
        b"[" * 100_000,
        b"1" * 10_000,
        b"1e99999999999999999999",
        b"{} {}",
        rb'"\ud800"',
        rb'{"name": ["\uDFFF"]}',
        rb'{"\ud83d": 1}',
        rb'"\ude00\ud83d"',
        b'"\xed\xa0\x80"',
        rb'"\ud800"'.decode().encode("utf-16"),
        rb'["\ud800", ' + b"[" * 5_000 + b"]" * 5_001,
    ],
)
def test_anything_else_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        exact_json.decode(body)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (rb'"\ud83d\ude00"', "😀"),
        ('"😀"'.encode(), "😀"),
        (rb'"\\ud800"', r"\ud800"),
        ('"ção"'.encode("utf-8-sig"), "ção"),
        ('"ção"'.encode("utf-16"), "ção"),
        *(
            (json.dumps(["ção"], ensure_ascii=False).encode(encoding), ["ção"])
            for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32-le")
        ),
    ],
)
def test_whole_characters_are_read_however_they_are_written(body: bytes, text: object) -> None:
    assert exact_json.decode(body) == text


def test_a_text_that_is_not_unicode_is_not_repeated() -> None:
    with pytest.raises(ValueError, match="not Unicode") as refusal:
        exact_json.decode(b'"secret\xff"')

    assert refusal.value.__suppress_context__


@pytest.mark.parametrize("number", ["9" * 399, "-" + "9" * 399, "0." + "9" * 398])
def test_a_number_of_399_digits_is_read(number: str) -> None:
    assert str(exact_json.decode(number.encode())) == number


@pytest.mark.parametrize(
    "number", ["9" * 400, "-" + "9" * 400, "0." + "9" * 399, "9" * 200 + "." + "9" * 200]
)
def test_a_number_of_400_digits_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="beyond reason"):
        exact_json.decode(b'{"a":[' + number.encode() + b"]}")


def test_a_text_may_hold_any_number_of_digits() -> None:
    assert exact_json.decode(b'["' + b"9" * 5_000 + b'", 1.5]') == ["9" * 5_000, Decimal("1.5")]


@pytest.mark.parametrize(
    "body", ['{"a":1,"a":1}', '{"a":1,"b":2,"a":3}', '[{"a":{"b":1,"b":2}}]', '{"a":1,"\\u0061":2}']
)
def test_a_member_that_stands_there_twice_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match="twice"):
        exact_json.decode(body.encode())


def test_the_same_member_in_two_objects_is_none_twice() -> None:
    assert exact_json.decode(b'[{"a":1},{"a":2}]') == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_64_levels_are_read_and_no_more(opening: str, closing: str) -> None:
    def nested(levels: int) -> bytes:
        return (opening * (levels - 1) + "[]" + closing * (levels - 1)).encode()

    exact_json.decode(nested(64))
    with pytest.raises(ValueError, match="nested beyond reason"):
        exact_json.decode(nested(65))


def test_brackets_in_a_text_are_no_levels() -> None:
    assert exact_json.decode(b'["' + b"[{" * 100 + b'"]') == ["[{" * 100]
