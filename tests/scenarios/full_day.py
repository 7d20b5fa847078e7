"""One customer's whole day: every customer route and most admin routes, with the companies' callbacks."""

from chalicelib.services.stations import listing_refresh
from tests.scenarios.day_account import AccountSteps
from tests.scenarios.day_aliases import AliasSteps
from tests.scenarios.day_content import ContentSteps
from tests.scenarios.day_desk import DeskSteps
from tests.scenarios.day_operators import OperatorSteps
from tests.scenarios.day_rentals import RentalSteps
from tests.scenarios.day_reports import ReportSteps
from tests.scenarios.day_stations import StationSteps


class FullDay(
    AccountSteps, AliasSteps, ContentSteps, DeskSteps, OperatorSteps, RentalSteps, ReportSteps, StationSteps
):
    """All steps of the day, in order."""

    def run(self) -> None:
        listing_refresh.refresh(self.network.world)
        self.sign_up()
        self.register_device()
        self.use_codes()
        self.add_email()
        self.submit_kyc()
        self.read_notifications()
        self.broadcast()
        self.browse_stations()
        self.keep_stations()
        self.command_station()
        self.read_content()
        self.write_content()
        self.employ_operator()
        self.change_config()
        self.top_up()
        self.rent_and_return_late()
        self.call_as_cabinet()
        self.pay_due()
        self.rent_postpaid()
        self.cancel_rental()
        self.read_history()
        self.resolve_issues()
        self.request_refunds()
        self.decide_reversal()
        self.help_a_customer()
        self.earn_rewards()
        self.use_dashboard_names()
        self.read_reports()
        self.read_log()
        self.request("POST", "/api/auth/logout", {"refresh": self.refresh})
        self.delete_account()
