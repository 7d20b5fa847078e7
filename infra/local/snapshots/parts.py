"""The parts of the sandbox that a snapshot holds."""

from chalicelib.tables.all_tables import ROW_TYPES
from infra.local.aws import cloud
from infra.local.aws.queue_pollers import QueuePollers
from infra.local.aws.schedule_runner import ScheduleRunner
from infra.local.cabinets.hardware import Hardware
from infra.local.companies.all_companies import Companies
from infra.local.control.planted_violations import PlantedViolations
from infra.local.simulation import Simulation
from infra.local.snapshots.sandbox_state import Part
from infra.local.snapshots.table_rows import TableRows


def snapshot_parts(
    simulation: Simulation,
    services: cloud.Cloud,
    hardware: Hardware,
    companies: Companies,
    schedule_runner: ScheduleRunner,
    queue_pollers: QueuePollers,
    violations: PlantedViolations,
) -> dict[str, Part]:
    """All parts that a snapshot holds. Those that an engine may refuse are restored first."""
    read_all = services.all_rows if services.tables_url == services.rest_url else None
    return {
        "tables": TableRows(services.tables_url, ROW_TYPES, cloud.PREFIX, read_all),
        "queues": queue_pollers,
        "clock": simulation.clock,
        "faults_and_calls": simulation,
        "callbacks": simulation.callbacks,
        "late_returns": simulation.late_returns,
        "feed": simulation.feed,
        "schedules": schedule_runner,
        "cabinets": hardware.cabinets,
        "mns": hardware.mns,
        "violations": violations,
        **companies.parts(),
    }
