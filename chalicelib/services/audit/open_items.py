"""The audit of one account's open items: each open refund and each top-up in review has one, and nothing else has."""

from collections.abc import Iterator

from chalicelib.domain.operations.audit import Violation
from chalicelib.domain.rentals.eject_doubt import doubtful_powerbanks
from chalicelib.services.audit.account_case import AccountCase
from chalicelib.tables.open_items import ItemKind, item_of


def open_item_violations(case: AccountCase) -> Iterator[Violation]:
    """Items that are missing, and items that name nothing open. A released rental's power bank keeps its item."""
    refunds, reviews = set[str](), set[str]()
    if case.part.is_first:
        refunds = {item_of(ItemKind.REFUND, refund_id) for refund_id in case.sums.open_refund_ids}
        reviews = {item_of(ItemKind.REVIEW, intent_id) for intent_id in case.sums.review_ids}
    powerbanks = {
        item_of(ItemKind.POWERBANK, powerbank_sn)
        for rental in case.rentals
        for powerbank_sn in doubtful_powerbanks(rental)
    }
    for item in sorted((refunds | reviews | powerbanks) - case.open_items):
        yield Violation("open_item_missing", case.account.user_id, item)
    for item in sorted(case.open_items - refunds - reviews) if case.part.is_first else ():
        if not item.startswith(item_of(ItemKind.POWERBANK, "")):
            yield Violation("open_item_names_nothing_open", case.account.user_id, item)
