"""The writing operations, and the sign-in of administrators."""

from sandbox.adobe.balance import Direction, move_balance, read_move
from sandbox.adobe.notes import annotate, read_note
from sandbox.adobe.questions import ID, Operation, Question
from sandbox.adobe.reads import CREDIT_PERMISSION
from sandbox.adobe.rendering import credit_answer
from sandbox.adobe.settings_change import change_settings, read_change


async def _change(question: Question) -> object:
    shop = question.shop
    change = read_change(question.body, question.path_id, shop.switches.credit_comment)
    return credit_answer(change_settings(shop, change, question.caller))


async def _increase(question: Question) -> object:
    return await _move(question, Direction.INCREASE)


async def _decrease(question: Question) -> object:
    return await _move(question, Direction.DECREASE)


async def _move(question: Question, direction: Direction) -> object:
    move = read_move(direction, question.body, question.path_id)
    await move_balance(question.shop, move, question.caller)
    return True


async def _annotate(question: Question) -> object:
    note = read_note(question.body, question.path_id)
    annotate(question.shop, note)
    return True


async def _sign_in(question: Question) -> object:
    body = question.body
    body.require("username", "password")
    return question.shop.access.admin_token(body.text("username"), body.text("password"))


WRITES = (
    Operation("PUT", ("companyCredits", ID), CREDIT_PERMISSION, _change),
    Operation("PUT", ("companyCredits", "history", ID), CREDIT_PERMISSION, _annotate),
    Operation("POST", ("companyCredits", ID, Direction.INCREASE), CREDIT_PERMISSION, _increase),
    Operation("POST", ("companyCredits", ID, Direction.DECREASE), CREDIT_PERMISSION, _decrease),
    Operation("POST", ("integration", "admin", "token"), None, _sign_in),
)
