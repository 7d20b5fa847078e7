"""Reconciliation that dies, waits or is refused at any call out: the same report in the end."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from chalicelib import wiring
from chalicelib.domain.payment import Listed, Outcome, Paid
from chalicelib.domain.reconciliation import Finding, Report, ReportState, Total
from chalicelib.domain.user import Account
from chalicelib.tables import reports
from chalicelib.world import World
from tests.books import SUM, Books, all_reports
from tests.builders import account
from tests.clocks import tick
from tests.crashing import crash_everywhere
from tests.fake_world import Scene
from tests.fakes import FakeGateway
from tests.street import Street

GATEWAYS = ("khalti", "stripe")


@dataclass
class Kept:
    """What the gateways will say of yesterday, and the report there must be."""

    day: date
    gateways: dict[str, FakeGateway]
    report: dict[tuple[str, str], Finding]
    account: Account


def a_day(street: Street) -> Kept:
    """One top-up of each kind; the days before it are reported on already."""
    _only(street.world)
    books = Books(street)
    books.past_is_done()
    matched, lost, returned = books.credited(), books.paid(), books.credited()
    books.says(returned, Outcome(Paid.REFUNDED))
    listed = books.credited("stripe")
    stranger = Listed("cs_stranger", books.world.now(), Outcome(Paid.PAID, "pi_1", SUM))
    books.lists(books.listing(listed), stranger)
    books.next_day()
    found = {
        ("khalti", matched.intent_id): Finding.MATCHED,
        ("khalti", lost.intent_id): Finding.THEIRS_ONLY,
        ("khalti", returned.intent_id): Finding.OURS_ONLY,
        ("stripe", listed.intent_id): Finding.MATCHED,
        ("stripe", "cs_stranger"): Finding.THEIRS_ONLY,
    }
    return Kept(books.day, {name: books.gateway(name) for name in GATEWAYS}, found, account(books.user))


def _only(world: World) -> World:
    """Two gateways are enough: one with a list, one without."""
    fewer = replace(world, gateways={name: world.gateways[name] for name in GATEWAYS})
    wiring.use(fewer)
    return fewer


@dataclass
class Hour:
    """A run of the schedule; whoever comes again is the next hour's run."""

    scene: Scene
    world: World
    kept: Kept

    def run(self) -> None:
        tick(self.world, "reconcile", PLENTY)

    def recover(self) -> None:
        for _ in range(2):
            tick(self.world, "reconcile", PLENTY)
            self.scene.clock.pass_(hours=1)

    def check(self) -> None:
        found = all_reports([self.kept.day.isoformat()], list(GATEWAYS))
        assert {report.state for report in found} == {ReportState.DONE}
        assert {report.edition for report in found} == {1}
        lines = {(one.gateway, line.line_id): line.finding for one in found for line in reports.lines(one)}
        assert lines == self.kept.report
        assert [_sums(report) for report in found] == [
            {Finding.MATCHED: Total(1, SUM, SUM), Finding.OURS_ONLY: Total(1, SUM, 0)} | ONE_LOST,
            {Finding.MATCHED: Total(1, SUM, SUM)} | ONE_LOST,
        ]
        assert account(self.kept.account.user_id) == self.kept.account


ONE_LOST = {Finding.THEIRS_ONLY: Total(1, 0, SUM)}


class Plenty:
    """A run that has all the time there is."""

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


PLENTY: Any = Plenty()


def _sums(report: Report) -> dict[str, Total]:
    return {name: total for name, total in report.totals.items() if total.count}


def test_a_days_report_is_the_same_wherever_it_breaks() -> None:
    def begin(scene: Scene, world: World, kept: Kept) -> Hour:
        for name, said in kept.gateways.items():
            fake = getattr(scene, name)
            fake.outcomes, fake.list_ = dict(said.outcomes), said.list_
        return Hour(scene, _only(world), kept)

    crash_everywhere("reconciliation of a day", a_day, begin)
