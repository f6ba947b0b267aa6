"""What holds for every write: the bytes, the booking, refusals, and answers that get lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import httpx
import jsonschema
import pytest
import respx
import structlog

from adapters.vtex_customer_credit.client import VtexCustomerCredit
from app.domain.errors import AccountNotFound, SourceProblemKind
from app.domain.instructions import Instruction
from app.domain.operation import NO_EVIDENCE
from app.domain.provider import Call, Writer, Writes
from app.domain.refusals import InstrumentNotUsable, ProviderRejected
from app.domain.spendable import IneligibilityReason
from tests.adapters.vtex_customer_credit.scenes import SCENES, Backend, Scene, written_as
from tests.adapters.vtex_customer_credit.writing import (
    CLOSED,
    ROOT_PATH,
    SOURCE,
    Fault,
    Outcome,
    account,
    answering,
    assert_lost,
    call,
    every_fault_before_work,
    every_lost_answer,
    written,
)

SPECIFICATIONS: Final = Path(__file__).parents[3] / "../shared/providers/specs"

every_scene = pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)

of_an_account = pytest.mark.parametrize(
    "scene",
    [it for it in SCENES.values() if not it.instruction.creates],
    ids=[name for name, it in SCENES.items() if not it.instruction.creates],
)


@pytest.fixture
def backend(router: respx.Router) -> Backend:
    return Backend(router)


def route(router: respx.Router, scene: Scene) -> respx.Route:
    return router.request(scene.method, path=ROOT_PATH + scene.path)


def answer_of(scene: Scene) -> httpx.Response:
    return httpx.Response(200, text="" if scene.answer is None else written_as(scene.answer))


def writer_of(client: VtexCustomerCredit, scene: Scene) -> Writer[Any]:
    return client.writers[type(scene.instruction)]


async def prepared(client: VtexCustomerCredit, backend: Backend, scene: Scene) -> Call[Instruction]:
    scene.stage(backend)
    observed = None if scene.instruction.creates else account()
    evidence = await writer_of(client, scene).prepare(scene.instruction, observed)
    return call(scene.instruction, observed, evidence)


def test_a_source_has_the_ability_to_do_what_it_has_a_writer_for(
    client: VtexCustomerCredit,
) -> None:
    assert isinstance(client, Writes)
    assert {type(scene.instruction) for scene in SCENES.values()} == set(client.writers)
    assert {kind.capability for kind in client.writers} <= client.info.capabilities


@every_scene
async def test_a_write_goes_out_once_and_is_booked(
    client: VtexCustomerCredit, router: respx.Router, backend: Backend, scene: Scene
) -> None:
    answering(route(router, scene), answer_of(scene))
    this = await prepared(client, backend, scene)

    assert await writer_of(client, scene).send(this) == scene.booking

    assert written(router) == [scene.said]


@every_scene
async def test_a_write_is_logged_under_the_providers_name_for_it(
    client: VtexCustomerCredit, router: respx.Router, backend: Backend, scene: Scene
) -> None:
    answering(route(router, scene), answer_of(scene))
    this = await prepared(client, backend, scene)

    with structlog.testing.capture_logs() as logged:
        await writer_of(client, scene).send(this)

    assert scene.operation in [line["operation"] for line in logged]


@every_scene
@every_lost_answer
async def test_a_lost_answer_leaves_the_outcome_unknown(
    client: VtexCustomerCredit,
    router: respx.Router,
    backend: Backend,
    scene: Scene,
    lost: Outcome,
) -> None:
    answer, kind = lost
    answering(route(router, scene), answer)
    this = await prepared(client, backend, scene)

    await assert_lost(writer_of(client, scene).send(this), kind)

    assert written(router) == [scene.said]


@every_scene
async def test_an_empty_success_is_one_only_where_the_file_says_so(
    client: VtexCustomerCredit, router: respx.Router, backend: Backend, scene: Scene
) -> None:
    answering(route(router, scene), httpx.Response(200))
    this = await prepared(client, backend, scene)
    attempt = writer_of(client, scene).send(this)

    if scene.answer is None:
        assert await attempt == scene.booking
    else:
        await assert_lost(attempt, SourceProblemKind.BAD_RESPONSE)


@every_scene
@every_fault_before_work
async def test_what_did_not_begin_is_a_fault(
    client: VtexCustomerCredit,
    router: respx.Router,
    backend: Backend,
    scene: Scene,
    fault: Fault,
) -> None:
    answer, kind = fault
    answering(route(router, scene), answer)
    this = await prepared(client, backend, scene)

    with pytest.raises(kind):
        await writer_of(client, scene).send(this)


@every_scene
@pytest.mark.parametrize("status", [400, 405, 409])
async def test_a_refusal_bears_the_providers_code(
    client: VtexCustomerCredit,
    router: respx.Router,
    backend: Backend,
    scene: Scene,
    status: int,
) -> None:
    refused = httpx.Response(status, json={"code": 1001, "message": "secret text"})
    answering(route(router, scene), refused)
    this = await prepared(client, backend, scene)
    if scene.missing == "hold":  # no invoice tells more
        this = call(this.instruction, this.observed, NO_EVIDENCE)

    with pytest.raises(ProviderRejected) as refusal:
        await writer_of(client, scene).send(this)

    assert (refusal.value.source, refusal.value.provider_code) == (SOURCE, "1001")
    assert "secret" not in repr(refusal.value)
    assert written(router) == [scene.said]


@every_scene
async def test_what_is_not_found_is_named(
    client: VtexCustomerCredit, router: respx.Router, backend: Backend, scene: Scene
) -> None:
    answering(route(router, scene), httpx.Response(404))
    this = await prepared(client, backend, scene)

    with pytest.raises(AccountNotFound if scene.missing else ProviderRejected) as refusal:
        await writer_of(client, scene).send(this)

    assert getattr(refusal.value, "kind", None) == scene.missing


@of_an_account
@pytest.mark.parametrize("status", [400, 404])
async def test_a_refusal_of_a_closed_account_says_that_it_is_closed(
    client: VtexCustomerCredit,
    router: respx.Router,
    backend: Backend,
    scene: Scene,
    status: int,
) -> None:
    answering(route(router, scene), httpx.Response(status))
    this = await prepared(client, backend, scene)

    with pytest.raises(InstrumentNotUsable) as refusal:
        await writer_of(client, scene).send(call(this.instruction, CLOSED))

    assert refusal.value.reasons == (IneligibilityReason.CLOSED,)


def official_schema(kind: str, scene: Scene) -> Any:
    """Of the body, or None where the file knows none."""
    path = SPECIFICATIONS / f"vtex-customer-credit.{kind}.json"
    if not path.exists():
        pytest.skip(f"the vendor's file {path.name} is not at hand")
    document = json.loads(path.read_text(encoding="utf-8"))
    operation = next(
        methods[scene.method.lower()]
        for template, methods in document["paths"].items()
        if _fits(template, ROOT_PATH + scene.path) and scene.method.lower() in methods
    )
    body = operation.get("requestBody")
    return body and body["content"]["application/json"]["schema"]


def _fits(template: str, path: str) -> bool:
    named, given = template.split("/"), path.split("/")
    return len(named) == len(given) and all(
        name == part or name.startswith("{") for name, part in zip(named, given, strict=True)
    )


@every_scene
@pytest.mark.parametrize("kind", ["openapi", "patched.openapi"])
async def test_a_write_is_valid_under_the_official_file(
    client: VtexCustomerCredit, router: respx.Router, backend: Backend, scene: Scene, kind: str
) -> None:
    schema = official_schema(kind, scene)
    answering(route(router, scene), answer_of(scene))
    this = await prepared(client, backend, scene)

    await writer_of(client, scene).send(this)

    body = written(router)[0].body
    if schema is None:
        assert body == ""
    else:
        jsonschema.validate(json.loads(body), as_json_schema(schema))
        assert json.loads(body).keys() <= schema["properties"].keys()


def as_json_schema(schema: Any) -> Any:
    """`nullable` is of this version of OpenAPI only."""
    if isinstance(schema, dict):
        plain = {name: as_json_schema(value) for name, value in schema.items()}
        if plain.pop("nullable", False) is True:
            plain["type"] = [plain["type"], "null"]
        return plain
    return [as_json_schema(it) for it in schema] if isinstance(schema, list) else schema
