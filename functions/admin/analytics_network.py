"""The dashboard, rentals over time and stations, for operators: /api/admin/analytics."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from chalicelib.domain.analytics.report_period import ReportSpan, share
from chalicelib.domain.stations.station import StationStatus
from chalicelib.edge.formats import DayText
from chalicelib.edge.models import ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.services.analytics import reports
from chalicelib.services.analytics import stations as station_reports
from chalicelib.services.analytics.stations import StationReport, StationUse
from chalicelib.wiring import world
from functions.admin.analytics_forms import (
    Chart,
    Percent,
    ReportQuery,
    ReportSpanResponse,
    RupeeNumber,
    chart,
    entry_fields,
    rupee_number,
    span_fields,
)
from functions.admin.upper_case import in_upper_case
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_ANALYTICS)
GROUPS = ("completed", "active", "pending", "cancelled", "overdue", "failed")
MINUTES_PER_DAY = 1440


class RentalsEntry(ResponseModel):
    """Rentals by the day of their request, in the state in which they are now."""

    date: DayText
    label: str
    total: int
    completed: Annotated[int, Field(description="Returned, also with an unpaid due")]
    active: int
    pending: int
    cancelled: int
    overdue: Annotated[int, Field(description="Out after their due time, or lost")]
    failed: Annotated[int, Field(description="No power bank came out")]


class RentalsSummary(ResponseModel):
    avg_per_period: float
    peak_date: DayText | None
    peak_count: int


class RentalsOverTimeResponse(ReportSpanResponse):
    csv_summed_columns = ("total", *GROUPS)
    total_rentals: int
    chart_data: list[RentalsEntry]
    summary: RentalsSummary


class StationsSummary(ResponseModel):
    """Stations and slots as they are now."""

    total_stations: int
    online_stations: int
    offline_stations: int
    maintenance_stations: int
    total_slots: int
    occupied_slots: int
    utilization_rate: Annotated[float, Field(description="Per cent of the slots that hold a power bank")]
    availability_rate: Annotated[
        float, Field(description="Per cent of the hourly samples in which a station was online")
    ]


class TopStation(ResponseModel):
    serial_number: str
    station_name: Annotated[str, Field(description="Empty for a station that is gone")]
    rental_count: int
    completed_count: int
    late_count: int
    revenue: RupeeNumber
    minutes_rented: int
    availability_rate: Percent


class StationsEntry(ResponseModel):
    """What all stations counted. A rental belongs to the day of its request."""

    date: DayText
    label: str
    rental_count: int
    completed_count: int
    late_count: int
    revenue: RupeeNumber
    minutes_rented: int
    availability_rate: Percent
    utilization_rate: Annotated[
        float, Field(description="Per cent of the time of all slots in which their power banks were rented")
    ]


class StationsReportResponse(ReportSpanResponse):
    csv_summed_columns = ("rental_count", "completed_count", "late_count", "revenue", "minutes_rented")

    summary: StationsSummary
    top_10_stations: list[TopStation]
    station_revenue_chart: Chart
    station_rental_count_chart: Chart
    utilization_trend: Annotated[
        Chart, Field(description="Per cent of the time of all slots in which their power banks were rented")
    ]
    station_status_distribution: Chart
    chart_data: list[StationsEntry]


@routes.get(
    "/api/admin/analytics/rentals-over-time", permission="admin", query=ReportQuery, response=RentalsOverTimeResponse
)
def rentals_over_time(query: ReportQuery) -> Response:
    """Rentals by the day of their request, and how they stand."""
    report = reports.of_period(world(), query.period, query.start_date, query.end_date)
    entries = [_to_rentals_entry(report.span, first, counts) for first, counts in report.entries.items()]
    total, peak = sum(entry.total for entry in entries), max(entries, key=lambda entry: entry.total)
    return ok(
        RentalsOverTimeResponse(
            **span_fields(report.span),
            total_rentals=total,
            chart_data=entries,
            summary=RentalsSummary(
                avg_per_period=round(total / len(entries), 2),
                peak_date=peak.date if peak.total else None,
                peak_count=peak.total,
            ),
        )
    )


@routes.get("/api/admin/analytics/stations", permission="admin", query=ReportQuery, response=StationsReportResponse)
def stations_report(query: ReportQuery) -> Response:
    """Use, availability and utilisation of stations, and the ten with the highest revenue. At most 31 days.

    Without a start date a weekly or monthly report has the last 31 days.
    """
    report = station_reports.of_period(world(), query.period, query.start_date, query.end_date)
    entries = _to_stations_entries(report)
    return ok(
        StationsReportResponse(
            **span_fields(report.network.span),
            summary=_to_summary(report),
            top_10_stations=[_to_top_station(use) for use in report.top],
            **_charts(report, entries),
            chart_data=entries,
        )
    )


def _to_rentals_entry(span: ReportSpan, first: date, counts: Counter[str]) -> RentalsEntry:
    groups: dict[str, Any] = {group: counts[f"rentals.{group}"] for group in GROUPS}
    return RentalsEntry(**entry_fields(span, first), total=counts["rentals"], **groups)


def _to_summary(report: StationReport) -> StationsSummary:
    now, total = report.now, report.network.total
    return StationsSummary(
        total_stations=now.stations,
        online_stations=now.by_status[StationStatus.ONLINE],
        offline_stations=now.by_status[StationStatus.OFFLINE],
        maintenance_stations=now.by_status[StationStatus.MAINTENANCE],
        total_slots=now.slots,
        occupied_slots=now.occupied_slots,
        utilization_rate=share(now.occupied_slots, now.slots),
        availability_rate=share(total("online"), total("samples")),
    )


def _to_top_station(use: StationUse) -> TopStation:
    return TopStation(
        serial_number=use.sn,
        station_name=use.name,
        rental_count=use.counts["started"],
        completed_count=use.counts["completed"],
        late_count=use.counts["late"],
        revenue=rupee_number(use.counts["paisa"]),
        minutes_rented=use.counts["minutes"],
        availability_rate=share(use.counts["online"], use.counts["samples"]),
    )


def _to_stations_entries(report: StationReport) -> list[StationsEntry]:
    span = report.network.span
    days = Counter(span.period.first_day(day) for day in span.days)
    return [
        StationsEntry(
            **entry_fields(span, first),
            rental_count=counts["started"],
            completed_count=counts["completed"],
            late_count=counts["late"],
            revenue=rupee_number(counts["paisa"]),
            minutes_rented=counts["minutes"],
            availability_rate=share(counts["online"], counts["samples"]),
            utilization_rate=share(counts["minutes"], report.now.slots * days[first] * MINUTES_PER_DAY),
        )
        for first, counts in report.network.entries.items()
    ]


def _charts(report: StationReport, entries: Sequence[StationsEntry]) -> dict[str, Any]:
    names = [use.name or use.sn for use in report.top]
    statuses = [float(report.now.by_status[status]) for status in StationStatus]
    return {
        "station_revenue_chart": chart(names, {"Revenue": [rupee_number(use.counts["paisa"]) for use in report.top]}),
        "station_rental_count_chart": chart(names, {"Rentals": [float(use.counts["started"]) for use in report.top]}),
        "utilization_trend": chart(
            [entry.label for entry in entries], {"Utilization": [entry.utilization_rate for entry in entries]}
        ),
        "station_status_distribution": chart(
            [in_upper_case(status) for status in StationStatus], {"Stations": statuses}
        ),
    }
