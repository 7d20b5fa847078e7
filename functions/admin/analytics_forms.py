"""What analytics reports share: the query of a period, charts, and amounts as numbers."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from chalicelib.domain.analytics.report_period import ReportPeriod, ReportSpan
from chalicelib.edge.formats import DayText
from chalicelib.edge.models import CsvQuery, ReportData, ResponseModel
from functions.admin.upper_case import CaseInsensitive, one_of_upper_case
from functions.params import FirstDay, LastDay

RupeeNumber = Annotated[float, Field(description="NPR")]
Percent = Annotated[float, Field(description="Per cent, with two decimals")]
PeriodText = Annotated[str, one_of_upper_case(ReportPeriod)]


class ReportQuery(CsvQuery):
    """The days of a report: at most 366, by default the last 30 days, 12 weeks or 12 months."""

    period: Annotated[
        ReportPeriod, CaseInsensitive, Field(description="What one entry of the report is. A week begins on Sunday")
    ] = ReportPeriod.DAILY
    start_date: FirstDay | None = None
    end_date: LastDay | None = None


class ReportSpanResponse(ReportData):
    """The days of a report, both included. Its file has a row for each entry."""

    period: PeriodText
    start_date: DayText
    end_date: DayText


class Dataset(ResponseModel):
    label: str
    data: list[float]


class Chart(ResponseModel):
    """Each dataset has one number for each label."""

    labels: list[str]
    datasets: list[Dataset]


def span_fields(span: ReportSpan) -> dict[str, Any]:
    return {
        "period": span.period.value.upper(),
        "start_date": span.first.isoformat(),
        "end_date": span.last.isoformat(),
    }


def entry_fields(span: ReportSpan, first: date) -> dict[str, Any]:
    """`date` and `label` of an entry. The first entry of a report begins with the report."""
    return {"date": max(first, span.first).isoformat(), "label": span.period.label(first)}


def chart(labels: Iterable[str], datasets: Mapping[str, Iterable[float]]) -> Chart:
    return Chart(
        labels=list(labels), datasets=[Dataset(label=label, data=list(data)) for label, data in datasets.items()]
    )


def rupee_number(paisa: int) -> float:
    """An amount as a JSON number of rupees."""
    return paisa / 100
