"""Payment options: what a rental or a due costs, and what must be topped up."""

import pytest

from chalicelib.domain.problems.problems import Problem
from chalicelib.services.wallet import affordability
from chalicelib.services.wallet.affordability import OptionsQuery, Scenario
from chalicelib.tables.packages import PackageRow
from infra.local.seeds import seed
from tests.world.builders import LABIM
from tests.world.network import Network


def options_for(network: Network, user: str, question: OptionsQuery) -> affordability.PaymentOptions:
    caller = network.sessions[user].caller(network.world, *question.prefetch_keys(user))
    return affordability.calculate(network.world, caller, question)


def test_options_before_a_rental_name_the_shortfall_and_the_topup(network: Network) -> None:
    user = network.customer(wallet_paisa=0)
    options = options_for(network, user, OptionsQuery(Scenario.PRE_PAYMENT, package_id="1-hour"))
    assert (options.plan.total_paisa, options.plan.points_used, options.plan.shortfall_paisa) == (2_000, 50, 1_500)
    assert (options.plan.sufficient, options.suggested_topup_paisa) == (False, 1_500)
    seed.fill_wallet(network.world, user, 100_000)
    assert options_for(network, user, OptionsQuery(Scenario.PRE_PAYMENT, package_id="1-hour")).plan.sufficient


def test_options_after_a_rental_name_its_due(network: Network) -> None:
    user = network.customer(wallet_paisa=2_000)
    rental = network.rented(user)
    network.fake_world.clock.advance(hours=3)
    network.report_return(LABIM, rental.powerbank_sn)
    due = network.rental(rental).due_paisa
    assert (
        options_for(network, user, OptionsQuery(Scenario.POST_PAYMENT, rental_id=rental.rental_id)).plan.total_paisa
        == due
    )


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (OptionsQuery(Scenario.WALLET_TOPUP), "invalid_input"),
        (OptionsQuery(Scenario.PRE_PAYMENT), "invalid_input"),
        (OptionsQuery(Scenario.POST_PAYMENT), "nothing_due"),
        (OptionsQuery(Scenario.PRE_PAYMENT, package_id="none"), "package_unavailable"),
        (OptionsQuery(Scenario.POST_PAYMENT, rental_id="none"), "not_found"),
    ],
)
def test_an_options_query_without_its_fields_is_refused(network: Network, question: OptionsQuery, code: str) -> None:
    user = network.customer()
    with pytest.raises(Problem, match=code):
        options_for(network, user, question)


def test_a_package_that_is_no_longer_offered_is_unavailable(network: Network) -> None:
    user = network.customer()
    PackageRow(package_id="1-hour").update([PackageRow.active.set(False)])
    with pytest.raises(Problem, match="package_unavailable"):
        options_for(network, user, OptionsQuery(Scenario.PRE_PAYMENT, package_id="1-hour"))
