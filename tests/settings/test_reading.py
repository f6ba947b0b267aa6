"""From a file, the environment and the command line to settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.authentication.api_keys import new_api_key
from app.domain.customer import CustomerIdentity, IdentityMatch, Link
from app.domain.identifiers import ProviderCustomerId, SourceKey
from app.settings import ConfigurationError, Settings, read_settings

SECRET = "an id secret of thirty-two and more characters"

SMALLEST = """
id_secret = { env = "MY_IDS" }
[[sources]]
key = "medusa"
provider = "medusa.store-credit"
base_url = "https://medusa.example/"
default_currency = "EUR"
credentials = { kind = "secret-key", token = { env = "MY_TOKEN" } }
"""


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_IDS", SECRET)
    monkeypatch.setenv("MY_TOKEN", "sk_of_medusa")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "own.toml"


def read(file: Path, text: str) -> Settings:
    file.write_text(text)
    return read_settings(file)


def problems_of(file: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as refused:
        read(file, text)
    return refused.value.problems


def test_the_smallest_file_has_one_source_and_defaults(file: Path) -> None:
    settings = read(file, SMALLEST)

    assert [source.base_url for source in settings.sources] == ["https://medusa.example"]
    assert (settings.host, settings.port, settings.deadline_seconds) == ("127.0.0.1", 8000, 3.0)
    assert settings.directory() == []
    assert not settings.demo


def test_the_environment_wins_over_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDITGRAPH_PORT", "9001")
    monkeypatch.setenv("CREDITGRAPH_DEADLINE_SECONDS", "1.5")
    settings = read(file, f"port = 9000{SMALLEST}")

    assert (settings.port, settings.deadline_seconds) == (9001, 1.5)


def test_the_command_line_wins_over_the_environment(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDITGRAPH_PORT", "9001")
    file.write_text(SMALLEST)

    assert read_settings(file, host="::1", port=9002).port == 9002


def test_an_empty_variable_counts_as_unset(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDITGRAPH_PORT", "")

    assert read(file, SMALLEST).port == 8000


def test_tables_are_json_in_the_environment(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDITGRAPH_CUSTOMERS", '[{"email": "env@example.com"}]')

    assert [one.email for one in read(file, SMALLEST).directory()] == ["env@example.com"]


def test_a_variable_that_is_no_json_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDITGRAPH_CUSTOMERS", "[{")

    assert problems_of(file, SMALLEST) == ("CREDITGRAPH_CUSTOMERS: this is not JSON",)


def test_the_variable_of_the_id_secret_holds_it(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDITGRAPH_ID_SECRET", f" {'e' * 32}\n")

    assert read(file, SMALLEST).id_secret.get_secret_value() == "e" * 32


def test_customers_become_identities(file: Path) -> None:
    settings = read(
        file,
        SMALLEST
        + """
        [[customers]]
        email = " Shopper@Example.com"
        document = "111.444.777-35"
        display_name = "Shopper"
        links = { medusa = "cus_1" }
        """,
    )

    assert settings.directory() == [
        CustomerIdentity(
            email="shopper@example.com",
            document="11144477735",
            display_name="Shopper",
            links=(Link(SourceKey("medusa"), ProviderCustomerId("cus_1"), IdentityMatch.CONFIG),),
        )
    ]


def test_everything_that_is_wrong_is_named_with_its_place(file: Path) -> None:
    assert problems_of(
        file,
        """
        deadline_seconds = 0
        colour = "red"
        [[sources]]
        key = "cards"
        provider = "vtex.giftcard"
        base_url = "ftp://store.example"
        default_currency = "real"
        credentials = { app_key = { env = "NOT_THERE" }, app_token = "in-the-open" }
        [[sources]]
        key = "cards"
        provider = "vtex.gift"
        [[sources]]
        key = "more"
        [[customers]]
        display_name = "Nobody"
        [[customers]]
        email = "shopper@example.com"
        document = "1.2"
        links = { elsewhere = "1", cards = "7" }
        [[customers]]
        email = "Shopper@example.com "
        document = "12"
        links = { cards = "7" }
        """,
    ) == (
        "sources[0].base_url: an http or https URL with a host is expected",
        "sources[0].default_currency: a currency code is three upper-case letters",
        "sources[0].credentials.app_key: the environment variable NOT_THERE is not set",
        "sources[0].credentials.app_token: a secret is given by reference: "
        '{ env = "NAME" } or { file = "PATH" }',
        "sources[1].provider: one of 'vtex.customer-credit', 'vtex.giftcard', "
        "'adobe.company-credit', 'medusa.store-credit' is expected",
        "sources[2].provider: is required",
        "customers[0]: an email, a document or a link is needed",
        "id_secret: is required",
        "deadline_seconds: Input should be greater than 0",
        "colour: there is no such setting",
        "sources[1].key: the same as sources[0].key",
        "customers[1].links.elsewhere: there is no such source",
        "customers[2].email: the same as customers[1].email",
        "customers[2].document: the same as customers[1].document",
        "customers[2].links.cards: the same as customers[1].links.cards",
    )


def test_nothing_that_is_wrong_shows_a_secret(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_IDS", "too-short")
    problems = problems_of(
        file,
        SMALLEST.replace('{ env = "MY_TOKEN" }', '"sk_in_the_open"')
        + '\n[exchange_rates]\nprovider = "x"\nas_of = 1\nrates = { "USD/BRL" = "sk_rate" }',
    )

    assert "id_secret: at least 32 characters are needed" in problems
    assert not any(secret in "".join(problems) for secret in ("too-short", "sk_"))


def test_settings_never_print_a_secret(file: Path) -> None:
    settings = read(file, SMALLEST)

    assert not any(
        secret in f"{settings} {settings!r} {settings.model_dump()}"
        for secret in (SECRET, "sk_of_medusa")
    )


@pytest.mark.parametrize(
    ("sources", "problem"),
    [
        ("sources = []", "sources: "),
        ("", "sources: is required"),
        ("sources = 1", "sources: "),
        ('sources = ["medusa"]', "sources[0]: "),
    ],
)
def test_sources_of_another_form_are_refused(file: Path, sources: str, problem: str) -> None:
    (found,) = problems_of(file, f'{sources}\nid_secret = {{ env = "MY_IDS" }}')

    assert found.startswith(problem)


def test_one_source_has_to_be_enabled(file: Path) -> None:
    assert problems_of(file, f"{SMALLEST}enabled = false") == (
        "sources: at least one enabled source is needed",
    )


def test_a_link_to_a_disabled_source_is_fine(file: Path) -> None:
    other = SMALLEST.split("[[sources]]")[1].replace("medusa", "second", 1)
    text = f"{SMALLEST}[[sources]]{other}enabled = false\n"

    assert read(file, f'{text}[[customers]]\nlinks = {{ second = "cus_1" }}').directory()


@pytest.mark.parametrize("customers", ["1", "[1]", '[{ links = "cus_1" }]', "[{ email = 1 }]"])
def test_customers_of_another_form_are_refused(file: Path, customers: str) -> None:
    assert problems_of(file, f"customers = {customers}{SMALLEST}")


@pytest.mark.parametrize("email", ["shopper", "@example.com", "shopper@"])
def test_an_email_is_recognised(file: Path, email: str) -> None:
    problems = problems_of(file, f'customers = [{{ email = "{email}" }}]{SMALLEST}')

    assert problems == ("customers[0].email: this is no e-mail address",)


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "192.168.1.4", "10.0.0.1", "store.example", "2001:db8::1", "127.1", "", "*"],
)
def test_an_address_that_others_can_reach_is_refused(file: Path, host: str) -> None:
    (problem,) = problems_of(file, f'host = "{host}"{SMALLEST}')

    assert problem.startswith("host: this is no loopback address; unless [authentication] asks")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "store.example"])
def test_any_address_is_served_once_callers_show_credentials(file: Path, host: str) -> None:
    asked = f"{SMALLEST}\n[[authentication.api_keys]]\n"
    key = f'name = "bff"\nlevel = "SERVICE"\nhash = "{new_api_key().hash_line}"\n'

    assert read(file, f'host = "{host}"{asked}{key}').host == host


@pytest.mark.parametrize("level", ["SERVICE", "ADMIN"])
def test_an_open_door_stays_on_this_machine(file: Path, level: str) -> None:
    (problem,) = problems_of(
        file, f'host = "0.0.0.0"{SMALLEST}\n[authentication]\nanonymous_level = "{level}"\n'
    )

    assert problem.startswith("host: this is no loopback address")


def test_claims_link_to_configured_sources_alone(file: Path) -> None:
    issuer = (
        '\n[[authentication.issuers]]\nissuer = "https://id.example"\naudiences = ["credit"]\n'
        'jwks_url = "https://id.example/keys"\nclaims = { ids = { elsewhere = "cid" } }\n'
    )
    problems = problems_of(file, f"{SMALLEST}{issuer}")

    assert problems == ("authentication: claims.ids.elsewhere: there is no such source",)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost"])
def test_a_loopback_address_is_accepted(file: Path, host: str) -> None:
    assert read(file, f'host = "{host}"{SMALLEST}').host == host.strip("[]")


@pytest.mark.parametrize("text", ["port = \n", "port = 1\nport = 2\n", "\u0000"])
def test_a_file_that_is_no_toml_is_refused_with_the_line(file: Path, text: str) -> None:
    (problem,) = problems_of(file, text)

    assert problem.startswith(f"{file}: ")
    assert "line" in problem


def test_a_file_in_another_encoding_is_refused(file: Path) -> None:
    file.write_bytes(b"key = '\xe9'")
    with pytest.raises(ConfigurationError, match="this is not UTF-8"):
        read_settings(file)


def test_a_missing_file_is_refused(file: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        read_settings(file)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="Is a directory"):
        read_settings(tmp_path)


def test_a_file_cannot_claim_to_be_the_sandbox(file: Path) -> None:
    assert problems_of(file, f"demo = true{SMALLEST}") == ("demo: there is no such setting",)
