"""Operators read the reports of the day."""

from chalicelib.domain.text.days import day_of
from chalicelib.services.analytics import counting
from tests.scenarios.day_client import DayClient

REPORTS = ("revenue", "payments", "users", "stations", "rentals-over-time")


class ReportSteps(DayClient):
    """The minute's run counts the day, and operators see it."""

    def read_reports(self) -> None:
        counting.count_changed(self.network.world)
        day = day_of(self.network.world.now()).isoformat()
        read = {
            name: self.request_as_operator("GET", f"/api/admin/analytics/{name}?period=weekly").data
            for name in REPORTS
        }
        assert {report["end_date"] for report in read.values()} == {day}
        assert read["revenue"]["total_revenue"] > 0
        assert read["rentals-over-time"]["total_rentals"] >= 3
        assert read["stations"]["top_10_stations"][0]["revenue"] > 0
        assert self.request_as_operator("GET", "/api/admin/system/health").data["database_status"] == "HEALTHY"
        self.request_as_operator("GET", "/api/admin/system/logs?level=alarm")
        shown = self.request_as_operator("GET", "/api/admin/analytics/dashboard").data
        assert shown["revenue_today"] > 0
        assert shown["recent_issues"] != []
        unlocked = self.request_as_operator("GET", "/api/admin/achievements/analytics").data
        assert unlocked["total_unlocked"] > 0
