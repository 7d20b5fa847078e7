"""The audit is silent while a payment, a rental, a refund or a deletion runs between any two of its reads."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import pytest

from chalicelib.domain.payments.payment_gateway import GatewayRefundState, RefundStatus
from chalicelib.domain.payments.refund import Refund
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rewards.coupon import Coupon
from chalicelib.services.audit.account_part import AccountPart
from chalicelib.services.audit.checks import CHECKS
from chalicelib.services.audit.judge_row import judge
from chalicelib.services.promotions.coupons import apply_coupon, apply_keys
from chalicelib.services.rentals import dues, ejects
from chalicelib.services.users import deletion, erasure
from chalicelib.tables import coupons
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.atomic import atomic
from infra.local.seeds import seed
from tests.scenarios.deletion_scenario import delete_customer
from tests.scenarios.refund_scenario import RefundScenario
from tests.services.audit.interleaved_audit import (
    CustomerAudit,
    Step,
    audit_during,
    audit_through,
    steps_between_reads,
)
from tests.world.builders import LABIM
from tests.world.network import EJECTED, PAY_AS_YOU_GO, REFUSED, Network

pytestmark = pytest.mark.long

Flow = Callable[[Network, str], Sequence[Step]]


def top_up(network: Network, user_id: str) -> Sequence[Step]:
    """A top-up is opened, paid, and earns its points."""
    opened: list[str] = []
    return [
        lambda: opened.append(network.open_topup(user_id)),
        lambda: network.pay_topup(user_id, opened[0]),
        network.deliver_messages,
    ]


def come_back(network: Network, rental: Rental, **after: float) -> None:
    """The power bank comes back into its own slot, after that time."""
    network.fake_world.clock.advance(**after)
    network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)


def rental(network: Network, user_id: str) -> Sequence[Step]:
    """A prepaid rental begins, is ejected, and comes back late."""
    rented: list[Rental] = []
    return [
        partial(seed.fill_wallet, network.world, user_id, 50_000),
        lambda: rented.append(network.start(user_id, LABIM)),
        lambda: network.report_eject(LABIM, rented[0].powerbank_sn, EJECTED),
        lambda: come_back(network, rented[0], hours=2),
        lambda: network.fake_world.clock.advance(minutes=5),
    ]


def failed_rental(network: Network, user_id: str) -> Sequence[Step]:
    """One start is refused by the cabinet. Another is given up without an answer, and goes on by a late answer."""
    advance = network.fake_world.clock.advance
    rented: list[Rental] = []

    def give_up() -> None:
        advance(minutes=11)
        ejects.sweep(network.world)

    return [
        partial(seed.fill_wallet, network.world, user_id, 50_000),
        lambda: rented.append(network.start(user_id, LABIM)),
        lambda: network.report_eject(LABIM, rented[0].powerbank_sn, REFUSED),
        lambda: advance(minutes=11),
        lambda: rented.append(network.start(user_id, LABIM)),
        give_up,
        lambda: network.report_eject(LABIM, rented[1].powerbank_sn, EJECTED),
        lambda: come_back(network, rented[1], minutes=15),
        lambda: advance(minutes=11),
    ]


def due(network: Network, user_id: str) -> Sequence[Step]:
    """A postpaid rental comes back with a due, which is paid."""
    rented: list[Rental] = []

    def pay() -> None:
        dues.pay_due(network.world, network.sessions[user_id].caller(network.world), rented[0].rental_id)

    return [
        lambda: rented.append(network.start(user_id, LABIM, PAY_AS_YOU_GO)),
        lambda: network.report_eject(LABIM, rented[0].powerbank_sn, EJECTED),
        lambda: come_back(network, rented[0], hours=2),
        partial(seed.fill_wallet, network.world, user_id, 50_000),
        pay,
        lambda: network.fake_world.clock.advance(minutes=5),
    ]


def coupon(network: Network, user_id: str) -> Sequence[Step]:
    """An operator issues a coupon, and the customer uses it."""
    now = network.world.now()
    issued = Coupon(
        f"DASHAIN{network.world.new_id()[-4:]}", "Dashain", 5, 2, now, now + timedelta(days=1), max_total_uses=30
    )

    def use() -> None:
        caller = network.sessions[user_id].caller(network.world, *apply_keys(user_id, issued.code))
        apply_coupon(network.world, caller, issued.code, "192.0.2.7")

    return [lambda: atomic(network.world, lambda ops: coupons.save(ops, issued)), use, use]


@pytest.mark.parametrize("burst", [False, True], ids=["each step alone", "all steps at once"])
@pytest.mark.parametrize("flow", [top_up, rental, failed_rental, due, coupon])
def test_the_audit_is_silent_while_a_flow_runs_between_its_reads(network: Network, flow: Flow, burst: bool) -> None:
    user_id = network.customer()
    looked_wrong = audit_through(network, user_id, lambda: flow(network, user_id), burst=burst)
    assert looked_wrong > 0
    assert network.books_balance()


@pytest.mark.parametrize("burst", [False, True], ids=["each step alone", "all steps at once"])
@pytest.mark.parametrize("ends", [GatewayRefundState.DONE, GatewayRefundState.REFUSED, None])
def test_the_audit_is_silent_while_a_refund_runs_between_its_reads(
    network: Network, ends: GatewayRefundState | None, burst: bool
) -> None:
    scenario = RefundScenario(network)

    def refund() -> Sequence[Step]:
        """A top-up, its request, its decision (a rejection without `ends`), and the gateway's answer."""
        if ends is not None:
            scenario.fake_world.khalti.refund_status = RefundStatus(ends, reason="closed")
        names: list[str] = []
        refunds: list[Refund] = []

        def decide() -> None:
            if ends is None:
                scenario.reject(refunds[0])
            else:
                scenario.approve(refunds[0])

        return [
            lambda: names.append(scenario.top_up()),
            lambda: refunds.append(scenario.request_refund(names[0])),
            decide,
            scenario.send,
        ]

    assert audit_through(network, scenario.user, refund, burst=burst) > 0
    assert network.books_balance()


def test_the_audit_is_silent_while_a_deletion_runs_between_its_reads(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step is the deletion's transaction, one of its erasers, or the message that erases again."""
    looked_wrong, erasers = 0, erasure.ERASERS
    for first in range(CustomerAudit(network, network.customer(), with_identities=True).reads_count()):
        user_id = network.customer()
        body = {"what": deletion.ACCOUNT, "user_id": user_id, "message_id": deletion.message_id_of(user_id)}
        monkeypatch.setattr(erasure, "ERASERS", ())
        steps: list[Step] = [partial(delete_customer, network, user_id)]
        steps += [partial(eraser, network.world, user_id) for eraser in erasers]
        steps += [partial(deletion.handle_message, network.world, body)]
        for step in steps:
            looked_wrong += audit_during(CustomerAudit(network, user_id, with_identities=True), [step], first)
    monkeypatch.setattr(erasure, "ERASERS", erasers)
    assert looked_wrong > 0
    assert network.books_balance()


def test_a_row_that_changes_at_each_look_is_left_to_the_next_audit(network: Network) -> None:
    user_id = network.customer()
    AccountRow(user_id).update([AccountRow.rentals_count.add(1)])
    network.fake_world.on_pause = lambda: AccountRow(user_id).update([AccountRow.version.add(1)])
    (accounts,) = [check for check in CHECKS if check.name == "accounts"]
    changing: list[Step] = [lambda: AccountRow(user_id).update([AccountRow.version.add(1)])] * 1_000
    with steps_between_reads(changing, 0):
        judgement = judge(network.world, accounts, AccountPart(user_id))
    assert (judgement.violations, judgement.settled) == ((), False)
    network.fake_world.on_pause = None
    assert judge(network.world, accounts, user_id).violations != ()
