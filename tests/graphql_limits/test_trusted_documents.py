"""From a hash to a document, in each mode."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLError
from pydantic import ValidationError

from app.graphql.trusted_documents import TrustedDocuments, TrustedDocumentsSettings
from app.graphql.trusted_documents.manifest import ManifestError, read_manifest
from tests.graphql_limits.documents import code_of

TEXT = "query Known { viewer { level } }"
HASH = sha256(TEXT.encode()).hexdigest()
OTHER = "{ __typename }"
OTHER_HASH = sha256(OTHER.encode()).hexdigest()


def trusted(mode: str, **changes: object) -> TrustedDocuments:
    values = {"mode": mode, "manifest": None if mode == "off" else {HASH: TEXT}, **changes}
    return TrustedDocuments(TrustedDocumentsSettings.model_validate(values), longest=100)


def by_hash(sent: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": sent}}


def refusal(documents: TrustedDocuments, query: str | None = None, **asked: Any) -> str:
    with pytest.raises(GraphQLError) as refused:
        documents.text_of(query, **asked)
    return code_of(refused.value)


@pytest.mark.parametrize("mode", ["allow", "only"])
@pytest.mark.parametrize(
    "asked",
    [
        {"document_id": HASH},
        {"document_id": f"sha256:{HASH}"},
        {"extensions": by_hash(HASH)},
    ],
)
def test_a_known_document_is_asked_for_by_its_hash(mode: str, asked: dict[str, Any]) -> None:
    assert trusted(mode).text_of(None, **asked) == TEXT


@pytest.mark.parametrize("asked", [{"document_id": "0"}, {"extensions": by_hash(OTHER_HASH)}])
@pytest.mark.parametrize("mode", ["allow", "only"])
def test_an_unknown_hash_is_refused(mode: str, asked: dict[str, Any]) -> None:
    assert refusal(trusted(mode), **asked) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize("asked", [{"document_id": HASH}, {"extensions": by_hash(HASH)}])
def test_a_client_learns_that_hashes_mean_nothing_here(asked: dict[str, Any]) -> None:
    assert refusal(trusted("off"), **asked) == "PERSISTED_QUERY_NOT_SUPPORTED"


@pytest.mark.parametrize("mode", ["off", "allow"])
@pytest.mark.parametrize("extensions", [None, {}, by_hash(OTHER_HASH), {"persistedQuery": 1}])
def test_any_text_is_taken_unless_only_known_ones_are(
    mode: str, extensions: dict[str, Any] | None
) -> None:
    assert trusted(mode).text_of(OTHER, extensions=extensions) == OTHER


def test_only_known_texts_are_taken_where_nothing_else_is() -> None:
    documents = trusted("only")
    assert documents.text_of(TEXT) == TEXT
    assert refusal(documents, OTHER) == "PERSISTED_QUERY_ONLY"
    assert refusal(documents, TEXT + " ") == "PERSISTED_QUERY_ONLY"


def test_a_request_that_names_no_document_has_none() -> None:
    assert trusted("only").text_of(None) is None
    assert trusted("allow").text_of("") is None


def test_a_client_adds_a_document_only_where_it_may() -> None:
    documents = trusted("allow")
    documents.text_of(OTHER, extensions=by_hash(OTHER_HASH))
    assert refusal(documents, extensions=by_hash(OTHER_HASH)) == "PERSISTED_QUERY_NOT_FOUND"
    documents = trusted("allow", automatic=True)
    documents.text_of(OTHER, extensions=by_hash(OTHER_HASH))
    assert documents.text_of(None, extensions=by_hash(OTHER_HASH)) == OTHER


def test_a_document_is_not_added_under_the_hash_of_another() -> None:
    documents = trusted("allow", automatic=True)
    assert refusal(documents, OTHER, extensions=by_hash(HASH)) == "PERSISTED_QUERY_MISMATCH"
    assert documents.text_of(None, extensions=by_hash(HASH)) == TEXT


def test_the_documents_used_longest_ago_are_forgotten_and_the_manifest_is_not() -> None:
    documents = trusted("allow", automatic=True, automatic_documents=2)
    texts = {sha256(text.encode()).hexdigest(): text for text in ("{ a }", "{ b }", "{ c }")}
    first, second, third = texts
    for one in (first, second, first, third):
        documents.text_of(texts[one], extensions=by_hash(one))
    assert documents.text_of(None, extensions=by_hash(first)) == "{ a }"
    assert refusal(documents, extensions=by_hash(second)) == "PERSISTED_QUERY_NOT_FOUND"
    assert documents.text_of(None, document_id=HASH) == TEXT


def test_a_document_that_is_too_long_anyway_is_not_kept() -> None:
    documents = trusted("allow", automatic=True)
    long = OTHER.ljust(101)
    extensions = by_hash(sha256(long.encode()).hexdigest())
    assert documents.text_of(long, extensions=extensions) == long
    assert refusal(documents, extensions=extensions) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    "content",
    [
        {HASH: TEXT, "named-by-hand": OTHER},
        {f"sha256:{HASH}": TEXT, "named-by-hand": OTHER},
        {
            "format": "apollo-persisted-query-manifest",
            "version": 1,
            "operations": [
                {"id": HASH, "name": "Known", "type": "query", "body": TEXT},
                {"id": "named-by-hand", "name": "", "type": "query", "body": OTHER},
            ],
        },
    ],
)
def test_a_manifest_has_one_of_two_shapes(tmp_path: Path, content: dict[str, Any]) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(content))
    settings = TrustedDocumentsSettings.model_validate({"mode": "only", "manifest": str(manifest)})
    assert settings.manifest == {HASH: TEXT, "named-by-hand": OTHER}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "this is not JSON"),
        ("[" * 100_000, "this is not JSON"),
        ("[]", "a manifest is an object"),
        ('{"a": 1}', "a: this is not a document"),
        ('{"a": " "}', "a: this is not a document"),
        (json.dumps({HASH: OTHER}), f"{HASH}: this is not the SHA-256 of its document"),
        ('{"format": "x", "operations": []}', "the format known here is"),
        (
            '{"format": "apollo-persisted-query-manifest", "version": 1, "operations": {}}',
            "operations: this is not a list",
        ),
        (
            '{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{}]}',
            "operations[0]: an id and a body are needed",
        ),
        (
            '{"format": "apollo-persisted-query-manifest", "version": 1, '
            '"operations": [{"id": "a"}]}',
            "operations[0]: this is not a document",
        ),
    ],
)
def test_another_file_is_refused_and_the_place_named(
    tmp_path: Path, content: str, message: str
) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(content)
    with pytest.raises(ManifestError) as refused:
        read_manifest(manifest)
    assert str(refused.value).startswith(f"{manifest}: {message}")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="No such file"):
        read_manifest(tmp_path / "manifest.json")


@pytest.mark.parametrize(
    "values",
    [
        {"mode": "only"},
        {"mode": "allow"},
        {"manifest": {HASH: TEXT}},
        {"automatic": True},
        {"mode": "only", "manifest": {HASH: TEXT}, "automatic": True},
        {"mode": "only", "manifest": "no-such-manifest.json"},
    ],
)
def test_settings_that_contradict_themselves_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TrustedDocumentsSettings.model_validate(values)
