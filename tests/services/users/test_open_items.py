"""What forbids a deletion has its open item also when DynamoDB's answer to the write was lost."""

import pytest

from chalicelib.domain.problems.problems import Problem
from chalicelib.services.rentals import ejects
from chalicelib.services.topups import crediting
from chalicelib.tables import open_items
from chalicelib.tables.open_items import ItemKind
from infra.local.aws.iam import running
from tests.engines.lost_answers import lost_answers
from tests.scenarios.deletion_scenario import delete_customer
from tests.world.builders import LABIM
from tests.world.network import REFUSED, Network
from tests.world.payer import SUM, Payer


@pytest.fixture
def payer(network: Network) -> Payer:
    return Payer(network)


@pytest.mark.parametrize("function", ["SweepIntents", "HandlePaymentEvents", "Reconcile"])
def test_a_review_forbids_the_deletion(payer: Payer, function: str) -> None:
    intent = payer.open()
    payer.pay(SUM - 100)
    with running(function), lost_answers():
        crediting.refresh_from_gateway(payer.world, payer.stored(intent))
    assert open_items.ids_of(intent.user_id, ItemKind.REVIEW) == [intent.intent_id]
    payer.network.fake_world.clock.advance(days=2)
    with pytest.raises(Problem, match="topup_pending"):
        delete_customer(payer.network, intent.user_id)
    assert payer.network.books_balance()


def test_a_refused_eject_leaves_its_power_bank_as_an_open_item(network: Network) -> None:
    user = network.customer()
    rental = network.start(user)
    with running("HandleDeviceEvents"), lost_answers():
        network.report_eject(LABIM, rental.powerbank_sn, REFUSED)
    assert open_items.ids_of(user, ItemKind.POWERBANK) == [rental.powerbank_sn]
    assert network.books_balance()


def test_an_eject_without_an_answer_forbids_the_deletion(network: Network) -> None:
    user = network.customer()
    network.start(user)
    network.fake_world.clock.advance(minutes=11)
    with running("SweepEjects"), lost_answers():
        ejects.sweep(network.world)
    with pytest.raises(Problem, match="rental_open"):
        delete_customer(network, user)
