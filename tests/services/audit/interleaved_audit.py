"""Judges a customer's rows while steps of a flow run between the reads of the audit."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from chalicelib.services.audit.account_part import AccountPart
from chalicelib.services.audit.checks import CHECKS, Check
from chalicelib.services.audit.judge_row import judge
from chalicelib.tables.dynamodb import shared_connection
from chalicelib.tables.identities import IdentityRow
from chalicelib.tables.intent_references import ReferenceRow
from chalicelib.tables.powerbanks import PowerbankRow
from tests.world.network import Network

Step = Callable[[], object]
READS = ("BatchGetItem", "GetItem", "Query")


@contextmanager
def steps_between_reads(waiting: list[Step], first: int) -> Iterator[list[int]]:
    """Take the waiting steps one by one, each before a read of the block, the first before its read number `first`.

    Reads of the steps themselves do not count. Yields the number of reads so far, in a list.
    """
    reads, events = [0], shared_connection().client.meta.events
    busy = False

    def before(model: Any, **_: Any) -> None:
        nonlocal busy
        if busy or model.name not in READS:
            return
        if reads[0] >= first and waiting:
            busy = True
            try:
                waiting.pop(0)()
            finally:
                busy = False
        reads[0] += 1

    events.register("before-call.dynamodb", before)
    try:
        yield reads
    finally:
        events.unregister("before-call.dynamodb", before)


@dataclass
class CustomerAudit:
    """The audit of one customer's account, power banks, newest top-up and, if wanted, identities."""

    network: Network
    user_id: str
    with_identities: bool = False
    looked_wrong: int = 0
    """How often a reading looked wrong, and the next one was different."""

    def __post_init__(self) -> None:
        self.network.fake_world.on_pause = self._count
        self.subjects = [*self._subjects()]

    def _count(self) -> None:
        self.looked_wrong += 1

    def _subjects(self) -> Iterator[tuple[Check, object]]:
        checks = {check.name: check for check in CHECKS}
        yield checks["accounts"], AccountPart(self.user_id)
        for bank in PowerbankRow.scan():
            if self.user_id in (bank.user_id, bank.last_user_id):
                yield checks["powerbanks"], bank.powerbank_sn
        for identity in IdentityRow.scan() if self.with_identities else ():
            if identity.user_id == self.user_id:
                yield checks["identities"], identity.identity
        references = [row for row in ReferenceRow.scan() if row.user_id == self.user_id]
        newest = max((row.intent_id for row in references), default=None)
        for reference in references:
            if reference.intent_id == newest:
                yield checks["references"], reference.reference

    def run(self) -> None:
        """Judge every subject. Fails with the violations."""
        for check, subject in self.subjects:
            judgement = judge(self.network.world, check, subject)
            assert judgement.settled, (check.name, subject)
            assert judgement.violations == (), judgement.violations

    def reads_count(self) -> int:
        """The reads of an undisturbed audit."""
        with steps_between_reads([], 0) as reads:
            self.run()
        return reads[0]


def audit_through(network: Network, user_id: str, flow: Callable[[], Sequence[Step]], *, burst: bool) -> int:
    """Run a flow many times, each time with its steps before other reads of an audit. Returns how often one looked
    wrong at first.

    Without a `burst` each step runs inside an audit of its own. With it all steps follow each other in one audit.
    """
    looked_wrong = 0
    for first in range(CustomerAudit(network, user_id).reads_count()):
        steps = [*flow()]
        for group in [steps] if burst else [[step] for step in steps]:
            looked_wrong += audit_during(CustomerAudit(network, user_id), group, first)
    return looked_wrong


def audit_during(audit: CustomerAudit, steps: list[Step], first: int) -> int:
    """Run one audit and the steps between its reads, and the steps that are left after it. Returns how often it
    looked wrong at first."""
    with steps_between_reads(steps, first):
        audit.run()
    for step in steps:
        step()
    return audit.looked_wrong
