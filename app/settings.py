"""
All configuration, read once and validated whole.

One TOML file, above it environment variables, above them the command line. Secrets are named in
the file, never held by it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from adapters.adobe_company_credit.settings import AdobeCompanyCreditSettings
from adapters.store_credit.settings import MedusaStoreCreditSettings
from adapters.transport.settings import ReferredSecret
from adapters.vtex_customer_credit.settings import VtexCustomerCreditSettings
from adapters.vtex_giftcard.settings import VtexGiftcardSettings
from app.authentication.settings import AuthenticationSettings
from app.cache.settings import CacheSettings
from app.domain.customer import CustomerIdentity, IdentityMatch, Link
from app.domain.identifiers import ProviderCustomerId, SourceKey
from app.domain.money import Currency
from app.domain.spendable import ExchangeRate, RateLookup
from app.door.settings import DoorSettings
from app.explain_problems import ConfigurationError, explain, find_contradictions
from app.graphql.limits.settings import DocumentLimits
from app.graphql.trusted_documents.settings import TrustedDocumentsSettings
from app.journal.location import default_journal_path, sqlite_url

__all__ = ["ConfigurationError", "Settings", "read_settings", "sandbox_settings"]

ENVIRONMENT_PREFIX: Final = "CREDITGRAPH_"
SHORTEST_ID_SECRET: Final = 32
OPEN_DOOR: Final = (
    "host: this is no loopback address; unless [authentication] asks for credentials, Creditgraph "
    "only listens on 127.0.0.1, ::1 or localhost"
)


def _bare(host: str) -> str:
    return host.strip("[]")


def only_this_machine_reaches(host: str) -> bool:
    """Whether *host*, without brackets, is a loopback address or `localhost`."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


_CONFIG: Final = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class JournalSettings(BaseModel):
    """
    Where what must never be lost is kept; by default a file among the user's data.

    Attributes:
        path: A SQLite file, for one machine.
        url: `postgresql://user:password@host/database`, for replicas; by reference.
        keep_days: How long what is over is remembered; longer than anybody repeats a key.
    """

    model_config = _CONFIG

    path: Path | None = None
    url: ReferredSecret | None = None
    settle_every_seconds: Annotated[float, Field(gt=0, le=60)] = 1.0
    keep_days: Annotated[int, Field(ge=30, le=36_500)] = 400

    @model_validator(mode="after")
    def _one_place(self) -> JournalSettings:
        if self.path is not None and self.url is not None:
            raise ValueError("a path or a url, not both")
        return self

    def address(self) -> str:
        """For `open_journal`; holds a password where there is one."""
        if self.url is not None:
            return self.url.get_secret_value()
        return sqlite_url(self.path or default_journal_path())


SHORTEST_METRICS_TOKEN: Final = 16


def _hard_to_guess(token: SecretStr) -> SecretStr:
    if len(token) < SHORTEST_METRICS_TOKEN:
        raise ValueError(f"at least {SHORTEST_METRICS_TOKEN} characters are needed")
    return token


class MetricsSettings(BaseModel):
    """
    Attributes:
        token: Who sends it reads `/metrics`; without one nobody does, but whoever is on the
            machine of the sandbox.
    """

    model_config = _CONFIG

    token: Annotated[ReferredSecret, AfterValidator(_hard_to_guess)] | None = None


LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["auto", "json", "console"]

Source = Annotated[
    VtexCustomerCreditSettings
    | VtexGiftcardSettings
    | AdobeCompanyCreditSettings
    | MedusaStoreCreditSettings,
    Field(discriminator="provider"),
]


def _email(text: str) -> str:
    local, at, domain = text.strip().partition("@")
    if not (local and at and domain):
        raise ValueError("this is no e-mail address")
    return text.strip().lower()


def _digits(text: str) -> str:
    digits = "".join(char for char in text if char in "0123456789")
    if not digits:
        raise ValueError("a document is a number, with or without punctuation")
    return digits


NativeId = Annotated[str, Field(min_length=1, max_length=512)]


class CustomerEntry(BaseModel):
    """
    One customer of whom more is known than a provider's own search would find.

    Attributes:
        links: The customer's own id at a source, by the key of the source.
    """

    model_config = _CONFIG

    email: Annotated[str, AfterValidator(_email)] | None = None
    document: Annotated[str, AfterValidator(_digits)] | None = None
    display_name: str | None = None
    links: Mapping[str, NativeId] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _can_be_found(self) -> CustomerEntry:
        if not (self.email or self.document or self.links):
            raise ValueError("an email, a document or a link is needed")
        return self

    def identity(self) -> CustomerIdentity:
        return CustomerIdentity(
            email=self.email,
            document=self.document,
            display_name=self.display_name,
            links=tuple(
                Link(SourceKey(source), ProviderCustomerId(own_id), IdentityMatch.CONFIG)
                for source, own_id in self.links.items()
            ),
        )


def _exact(rate: object) -> object:
    if not isinstance(rate, str):
        raise ValueError('a rate is given as text, "5.4321": a bare number may not be exact')
    return rate


CurrencyPair = Annotated[str, Field(pattern=r"^[A-Z]{3}/[A-Z]{3}$")]
Rate = Annotated[Decimal, Field(gt=0, allow_inf_nan=False), BeforeValidator(_exact)]


class ExchangeRates(BaseModel):
    """
    Published rates, for indicative figures only.

    Attributes:
        rates: BRL for one USD stands under `USD/BRL`. No rate is derived from another.
    """

    model_config = _CONFIG

    provider: Annotated[str, Field(min_length=1)]
    as_of: AwareDatetime
    max_age_hours: Annotated[int, Field(ge=1)] = 24
    haircut_bps: Annotated[int, Field(ge=0, lt=10_000)] = 0
    rates: Mapping[CurrencyPair, Rate]

    def between(self, from_: Currency, to: Currency) -> ExchangeRate | None:
        rate = self.rates.get(f"{from_}/{to}")
        if rate is None:
            return None
        return ExchangeRate(
            from_=from_,
            to=to,
            rate=rate,
            provider=self.provider,
            as_of=self.as_of,
            haircut_bps=self.haircut_bps,
        )


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret) < SHORTEST_ID_SECRET:
        raise ValueError(f"at least {SHORTEST_ID_SECRET} characters are needed")
    return secret


class _Environment(EnvSettingsSource):
    """A variable holds the secret itself; lists and tables are JSON."""

    def prepare_field_value(
        self,
        field_name: str,
        field: FieldInfo,
        value: Any,
        value_is_complex: bool,  # noqa: FBT001  the signature is pydantic-settings'
    ) -> Any:
        if value is not None and field_name == "id_secret":
            return SecretStr(value.strip())
        try:
            return super().prepare_field_value(field_name, field, value, value_is_complex)
        except ValueError:
            variable = f"{ENVIRONMENT_PREFIX}{field_name}".upper()
            raise ConfigurationError([f"{variable}: this is not JSON"]) from None


class Settings(BaseSettings):
    """
    Raises:
        ConfigurationError: With everything that is wrong.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        env_prefix=ENVIRONMENT_PREFIX,
        env_ignore_empty=True,
    )

    demo: ClassVar[bool] = False
    """Whether the sources are the sandbox's: invented people, and nothing to protect."""

    sources: Annotated[Sequence[Source], Field(min_length=1)]
    customers: Sequence[CustomerEntry] = ()
    exchange_rates: ExchangeRates | None = None
    authentication: AuthenticationSettings = AuthenticationSettings()
    id_secret: Annotated[ReferredSecret, AfterValidator(_long_enough)]
    deadline_seconds: Annotated[float, Field(gt=0, le=30)] = 3.0
    parallel_reads: Annotated[int, Field(ge=1, le=1000)] = 20
    host: Annotated[str, AfterValidator(_bare)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8000
    door: DoorSettings = DoorSettings()
    journal: JournalSettings = JournalSettings()
    cache: CacheSettings = CacheSettings()
    metrics: MetricsSettings = MetricsSettings()
    playground: bool = False
    limits: DocumentLimits = DocumentLimits()
    trusted_documents: TrustedDocumentsSettings = TrustedDocumentsSettings()
    log_level: LogLevel = "info"
    log_format: LogFormat = "auto"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, _Environment(settings_cls), TomlConfigSettingsSource(settings_cls)

    @model_validator(mode="wrap")
    @classmethod
    def _every_problem_at_once(cls, written: Any, validate: Callable[[Any], Settings]) -> Settings:
        contradictions = find_contradictions(written)
        try:
            settings = validate(written)
        except ValidationError as exc:
            raise ConfigurationError([*explain(exc), *contradictions]) from None
        contradictions += settings.against_an_open_door()
        if contradictions:
            raise ConfigurationError(contradictions)
        return settings

    def against_an_open_door(self) -> list[str]:
        """What would let anybody in, or claims point to nowhere."""
        closed = self.authentication.closes_the_door and not self.demo
        keys = {source.key for source in self.sources}
        strangers = sorted(self.authentication.linked_sources() - keys)
        return [
            *([] if closed or only_this_machine_reaches(self.host) else [OPEN_DOOR]),
            *(f"authentication: claims.ids.{one}: there is no such source" for one in strangers),
        ]

    @property
    def shows_metrics(self) -> bool:
        return self.demo or self.metrics.token is not None

    def directory(self) -> list[CustomerIdentity]:
        """The customers of the configuration."""
        return [entry.identity() for entry in self.customers]

    def rate_lookup(self, clock: Callable[[], datetime]) -> RateLookup:
        """Rates that are not too old at the moment *clock* tells when one is asked for."""
        published = self.exchange_rates

        def current(from_: Currency, to: Currency) -> ExchangeRate | None:
            if published is None:
                return None
            oldest = clock() - timedelta(hours=published.max_age_hours)
            return published.between(from_, to) if published.as_of >= oldest else None

        return current


def read_settings(path: Path, *, host: str | None = None, port: int | None = None) -> Settings:
    """
    Args:
        path: A TOML file.
        host: Wins over the file and the environment, as *port* does.

    Raises:
        ConfigurationError: The file cannot be read, or says something wrong.
    """

    class FromFile(Settings, toml_file=path):
        pass

    try:
        path.open("rb").close()
        return FromFile(**_given(host=host, port=port))
    except OSError as exc:
        raise ConfigurationError([f"{path}: {exc.strerror or 'cannot be read'}"]) from exc
    except UnicodeDecodeError:
        raise ConfigurationError([f"{path}: this is not UTF-8"]) from None
    except tomllib.TOMLDecodeError as exc:
        raise ConfigurationError([f"{path}: {exc}"]) from None


def sandbox_settings(
    sandbox_port: int, *, host: str | None = None, port: int | None = None
) -> Settings:
    """
    The built-in configuration: the sandbox on this machine, with its credentials and its people.

    Raises:
        ConfigurationError: *host*, *port* or the environment says something wrong.
    """

    class OfSandbox(Settings):
        demo = True

    return OfSandbox(
        **_given(
            host=host,
            port=port,
            sources=_sandbox_sources(f"http://127.0.0.1:{sandbox_port}"),
            customers=_CAST,
            exchange_rates={
                "provider": "sandbox",
                "as_of": datetime.now(UTC),
                "max_age_hours": 8760,
                "haircut_bps": 100,
                "rates": {
                    "USD/BRL": "5.4321",
                    "EUR/BRL": "6.3127",
                    "JPY/BRL": "0.035218",
                    "KWD/BRL": "17.7164",
                },
            },
            journal=JournalSettings(path=default_journal_path(f"sandbox-{sandbox_port}.db")),
            cache=CacheSettings(fresh_seconds=0, configuration_seconds=0),
            playground=True,
            limits=DocumentLimits(introspection=True, suggestions=True),
            id_secret=SecretStr("these ids protect only invented people"),
        )
    )


def _given(**values: object) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _sandbox_sources(root: str) -> list[dict[str, object]]:
    """Two seconds for each, so that a hanging one is told from the end of the whole answer."""
    vtex = {
        "app_key": SecretStr("vtexappkey-sandbox"),
        "app_token": SecretStr("sandbox-vtex-token"),
    }
    adobe = {"kind": "bearer", "token": SecretStr("sandbox-adobe-token")}
    medusa = {"kind": "secret-key", "token": SecretStr("sk_" + 32 * "5a")}
    return [
        {
            "key": key,
            "provider": provider,
            "display_name": display_name,
            "base_url": root + path,
            "default_currency": "BRL",
            "timeout_seconds": 2.0,
            "write_timeout_seconds": 2.5,
            "writes_end_within_seconds": 20.0,
            "credentials": credentials,
        }
        for key, provider, display_name, path, credentials in (
            ("vtex-credit", "vtex.customer-credit", "VTEX customer credit", "/vtex", vtex),
            ("vtex-giftcard", "vtex.giftcard", "VTEX gift cards", "/vtex", vtex),
            ("adobe", "adobe.company-credit", "Adobe company credit", "/adobe/rest/default", adobe),
            ("medusa", "medusa.store-credit", "Medusa store credit", "/medusa", medusa),
        )
    ]


def _person(
    email: str, document: str | None, display_name: str, medusa_id: str | None
) -> dict[str, object]:
    return {
        "email": email,
        "document": document,
        "display_name": display_name,
        "links": {"medusa": medusa_id} if medusa_id else {},
    }


_CAST: Final = [
    _person("shopper@example.com", "11144477735", "Shopper", "cus_01K0A000000000000000000001"),
    _person("buyer@example.com", "11222333000181", "Buyer", "cus_01K0A000000000000000000002"),
    _person("collector@example.com", "39053344705", "Collector", "cus_01K0A000000000000000000003"),
    _person("overdrawn@example.com", "86288366757", "Overdrawn", "cus_01K0A000000000000000000004"),
    _person("newcomer@example.com", "15350946056", "Newcomer", None),
    _person("two-companies@example.com", None, "Two companies", None),
]
"""What the sandbox's Medusa cannot tell: it finds nobody by e-mail or document."""
