"""Everyone knows the demo keys, so they open the sandbox and nothing else."""

from __future__ import annotations

import pytest

from app.authentication.api_keys import HashLine, new_api_key
from app.authentication.authenticator import Authenticator
from app.authentication.demo_keys import DemoKey, demo_keys
from app.authentication.refusals import Reason
from app.authentication.settings import AuthenticationSettings
from app.domain.access import AccessLevel, Scope
from app.domain.customer import CustomerIdentity
from tests.authentication.conftest import ReasonOf
from tests.authentication.issuing import NAME_SECRET, Issuing, bearer


def door(settings: AuthenticationSettings | None = None, *, demo: bool) -> Authenticator:
    return Authenticator(
        settings or AuthenticationSettings(),
        fetch=Issuing().fetch,
        name_secret=NAME_SECRET,
        demo=demo,
    )


def test_the_keys_are_the_same_every_time() -> None:
    assert demo_keys() == demo_keys()
    assert [one.name for one in demo_keys()] == ["shopper", "service", "admin"]


async def test_the_shopper_is_the_one_of_the_worked_example() -> None:
    caller = await door(demo=True).authenticate(bearer(demo_keys()[0].key))
    assert caller.level is AccessLevel.SHOPPER
    assert caller.identity == CustomerIdentity(email="shopper@example.com")
    assert caller.name == "key:demo-shopper"


@pytest.mark.parametrize("key", demo_keys()[1:], ids=lambda key: key.name)
async def test_service_and_admin_have_every_scope(key: DemoKey) -> None:
    caller = await door(demo=True).authenticate({"X-Api-Key": key.key})
    assert caller.level is key.level
    assert caller.scopes == set(Scope)
    assert caller.identity is None


@pytest.mark.parametrize("key", demo_keys(), ids=lambda key: key.name)
async def test_no_demo_key_is_good_elsewhere(key: DemoKey, reason_of: ReasonOf) -> None:
    assert await reason_of(door(demo=False), bearer(key.key)) is Reason.DEMO_KEY


async def test_a_demo_key_is_refused_even_if_its_hash_got_into_the_configuration(
    reason_of: ReasonOf,
) -> None:
    key = demo_keys()[2].key
    entry = AuthenticationSettings.model_validate(
        {"api_keys": [{"name": "one", "hash": new_api_key().hash_line, "level": "ADMIN"}]}
    ).api_keys[0]
    smuggled = entry.model_copy(update={"hash": str(HashLine.of(key))})
    settings = AuthenticationSettings.model_construct(api_keys=[smuggled])
    assert await reason_of(door(settings, demo=False), bearer(key)) is Reason.DEMO_KEY


async def test_a_made_up_demo_key_opens_nothing(reason_of: ReasonOf) -> None:
    made_up = f"cg_demoowner_{'a' * 64}"
    assert await reason_of(door(demo=True), bearer(made_up)) is Reason.UNKNOWN_API_KEY
    assert await reason_of(door(demo=False), bearer(made_up)) is Reason.DEMO_KEY


async def test_configured_keys_are_good_in_the_sandbox_too() -> None:
    key = new_api_key()
    settings = AuthenticationSettings.model_validate(
        {"api_keys": [{"name": "own", "hash": key.hash_line, "level": "SERVICE"}]}
    )
    assert (await door(settings, demo=True).authenticate(bearer(key.key))).name == "key:own"
