"""What a call that changes something makes worth nothing of what is remembered."""

from __future__ import annotations

from app.cache.questions import (
    Tag,
    tag_of_customer,
    tag_of_instrument,
    tag_of_searches,
    tag_of_source,
)
from app.domain.instructions import (
    AddAccountHolder,
    CancelOnGiftCard,
    CreditGiftCard,
    Instruction,
    IssueGiftCard,
    NoteOnHold,
    OnCreditAccount,
    OpenStoreCreditAccount,
    UpdateCreditAccount,
)


def touched_by(instruction: Instruction) -> tuple[Tag, ...]:
    """
    The tags of all that may be otherwise once *instruction* is carried out.

    A list that holds the instrument has its tag. One that will hold it only then is found by its
    customer or as a search, and where it cannot be told whose list that is, by its source.
    """
    source, subject = instruction.source, instruction.subject
    itself = tag_of_instrument(source, subject.kind, subject.provider_id)
    match instruction:
        case NoteOnHold():  # no provider is asked for it
            return ()
        case OpenStoreCreditAccount(customer_id=None) | IssueGiftCard():
            return (tag_of_searches(source),)
        case OpenStoreCreditAccount(customer_id=str(owner)):
            return tag_of_searches(source), tag_of_customer(source, owner)
        case AddAccountHolder() | UpdateCreditAccount():
            return (tag_of_source(source),)
        case _ if instruction.creates:
            return (tag_of_source(source),)
        case OnCreditAccount() | CreditGiftCard() | CancelOnGiftCard():
            return itself, tag_of_searches(source)
        case _:
            return (itself,)
