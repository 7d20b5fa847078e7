"""What the operators' dashboard reads of each route: the fields and their types, row by row of the API contract."""

import re
from dataclasses import dataclass
from typing import Any

MONEY, TIME = re.compile(r"-?[0-9]+\.[0-9]{2}"), re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z")
PAGE = "current_page:int total_pages:int total_count:int page_size:int has_next:bool has_previous:bool"
CHART = "labels:list datasets:list"


@dataclass(frozen=True)
class Read:
    """One reading of the dashboard. `part` is where the fields are: `a.b` of the data, `a[]` each item of a list.

    `fields` are written as `name:type`. Without a type it is text, and `?` behind the type also allows null.
    """

    path: str
    part: str
    fields: str


USER = "id email:text? phone_number:text? username profile_picture:text? referral_code status:upper is_active:bool"
STATION = (
    "id station_name serial_number imei latitude longitude address landmark:text? total_slots:int status:upper "
    "is_maintenance:bool hardware_info:object last_heartbeat:time? created_at:time updated_at:time amenities:list "
    "media:list available_slots:int occupied_slots:int total_powerbanks:int available_powerbanks:int"
)
RENTAL = (
    "id rental_code status:upper payment_status:upper user_id username user_phone:text? station_id station_name "
    "station_serial return_station_id:text? return_station_name:text? powerbank_serial package_name "
    "package_duration:int started_at:time? ended_at:time? due_at:time? amount_paid:money overdue_amount:money "
    "is_returned_on_time:bool? created_at:time"
)
POWERBANK = (
    "serial_number model:any capacity_mah:int? status:upper battery_level:int? rental_count:int current_station:any "
    "current_slot:any current_rental:any last_updated:time"
)
COUPON = (
    "id code name points_value:int max_uses_per_user:int valid_from:time valid_until:time status:upper "
    "is_currently_valid:bool days_remaining:int total_uses:int"
)
PACKAGE = (
    "id name description duration_minutes:int price:money package_type:upper payment_model:upper is_active:bool "
    "duration_display"
)
READS = (
    Read(
        "me",
        "",
        "user_id email username role:upper is_active:bool is_super_admin:bool created_at:time permissions:object",
    ),
    Read(
        "me",
        "permissions",
        "can_manage_users:bool can_manage_stations:bool can_manage_content:bool can_view_analytics:bool "
        "can_manage_finances:bool can_manage_admins:bool",
    ),
    Read("users", "results[]", USER + " date_joined:time last_login:time? profile_complete:bool kyc_status:upper"),
    Read("users/{user_id}", "", USER + " date_joined:time last_login:time? profile_complete:bool kyc_status:upper"),
    Read("users", "results[].profile", "full_name:text? date_of_birth:text? address:text? is_profile_complete:bool"),
    Read("users", "pagination", PAGE),
    Read("users/leaderboard", "", "category:upper period:upper total_users:int leaderboard:list"),
    Read(
        "users/leaderboard",
        "leaderboard[]",
        "rank:int username profile_picture:text? total_rentals:int total_points_earned:int referrals_count:int "
        "timely_returns:int achievements_count:int",
    ),
    Read(
        "kyc/submissions",
        "kyc_submissions[]",
        "id user_id username email:text? phone_number:text? document_type:upper document_number document_front_url "
        "document_back_url:text? status:upper verified_at:time? verified_by_username:text? rejection_reason:text? "
        "created_at:time updated_at:time",
    ),
    Read("kyc/submissions", "pagination", PAGE),
    Read("stations", "results[]", STATION),
    Read("stations/{sn}", "", STATION + " slots:list powerbanks:list"),
    Read(
        "stations/{sn}",
        "slots[]",
        "id slot_number:int status:upper battery_level:int? last_updated:time? powerbank:any current_rental_id:text?",
    ),
    Read(
        "stations/issues",
        "[]",
        "id station_name station_serial reporter_name:text? issue_type:upper description:text? priority:upper "
        "status:upper images:list reported_at:time resolved_at:time?",
    ),
    Read(
        "rentals/issues",
        "[]",
        "id rental_code user_email:text? user_name:text? issue_type:upper description:text? status:upper images:list "
        "reported_at:time resolved_at:time? station_name power_bank_serial",
    ),
    Read("rentals", "results[]", RENTAL),
    Read("rentals/{rental_id}", "", RENTAL),
    Read("rentals", "pagination", PAGE),
    Read("powerbanks", "results[]", POWERBANK),
    Read("powerbanks/{powerbank_sn}", "", POWERBANK),
    Read(
        "transactions",
        "results[]",
        "id transaction_id source:any user:object type:upper amount:number points:int status:upper "
        "balance_before:number balance_after:number created_at:time description",
    ),
    Read("transactions", "results[].user", "id username:text? email:text?"),
    Read(
        "refunds",
        "results[]",
        "id amount:money reason:text? status:upper gateway_reference:text? admin_notes:text? requested_at:time "
        "processed_at:time? transaction_id",
    ),
    Read("rental-packages", "rental_packages[]", PACKAGE),
    Read("rental-packages", "pagination", PAGE),
    Read("rental-packages/{package_id}", "", PACKAGE),
    Read("coupons", "results[]", COUPON),
    Read("coupons/{code}", "", COUPON),
    Read(
        "achievements",
        "results[]",
        "id name description criteria_type:upper criteria_value:int reward_type:upper reward_value:int "
        "is_active:bool total_unlocked:int",
    ),
    Read(
        "achievements/{achievement_id}",
        "",
        "id name criteria_type:upper criteria_value:int reward_type:upper is_active:bool",
    ),
    Read("../payments/packages", "results[]", "id name description duration_minutes:int price:money payment_model"),
    Read(
        "achievements/analytics",
        "",
        "total_achievements:int active_achievements:int total_points_awarded:int most_unlocked_achievements:list "
        "completion_by_criteria_type:list",
    ),
    Read(
        "dashboard",
        "",
        "revenue_today:number total_users:int active_users:int total_rentals:int active_rentals:int "
        "overdue_rentals:int total_stations:int online_stations:int offline_stations:int maintenance_stations:int "
        "recent_issues:list",
    ),
    Read("dashboard", "recent_issues[]", "id station_name issue_type:upper status:upper reported_at:time"),
    Read(
        "system-health",
        "",
        "database_status:upper queue_status:upper storage_status:upper response_time_avg:number? error_rate:number "
        "pending_tasks:int failed_tasks:int last_updated:time",
    ),
    Read("system-logs", "results[]", "id level:upper message source timestamp:time details:object"),
    Read("system-logs", "pagination", PAGE),
    Read(
        "analytics/revenue-over-time",
        "",
        "period:upper start_date end_date currency total_revenue:number chart_data:list",
    ),
    Read(
        "analytics/revenue-over-time",
        "chart_data[]",
        "date label total_revenue:number rental_revenue:number rental_due_revenue:number topup_revenue:number "
        "fine_revenue:number transaction_count:int",
    ),
    Read("analytics/rentals-over-time", "", "total_rentals:int chart_data:list summary:object"),
    Read(
        "analytics/rentals-over-time",
        "chart_data[]",
        "date label total:int completed:int active:int pending:int cancelled:int overdue:int",
    ),
    Read("analytics/rentals-over-time", "summary", "avg_per_period:number peak_date:text? peak_count:int"),
    Read(
        "analytics/station-performance",
        "summary",
        "total_stations:int online_stations:int offline_stations:int maintenance_stations:int total_slots:int "
        "occupied_slots:int utilization_rate:number",
    ),
    Read("analytics/station-performance", "", "top_10_stations:list"),
    Read("analytics/station-performance", "station_revenue_chart", CHART),
    Read("analytics/station-performance", "station_rental_count_chart", CHART),
    Read("analytics/station-performance", "utilization_trend", CHART),
    Read("analytics/station-performance", "station_status_distribution", CHART),
    Read(
        "analytics/users",
        "summary",
        "total_users:int active_users:int inactive_users:int suspended_users:int new_users_today:int "
        "new_users_this_week:int new_users_this_month:int",
    ),
    Read("analytics/users", "user_growth_chart", CHART),
    Read("analytics/users", "user_status_chart", CHART),
    Read(
        "action-logs",
        "[]",
        "id action_type:upper target_model target_id changes:object description ip_address user_agent "
        "created_at:time admin_username:text? admin_email:text?",
    ),
    Read(
        "profiles",
        "[]",
        "id role:upper is_active:bool is_super_admin:bool username email created_by_username:text? created_at:time",
    ),
)


def parts_of(data: Any, part: str) -> list[Any]:
    """The objects at `part` of the data."""
    found = [data]
    for step in filter(None, part.split(".")):
        name = step.removesuffix("[]")
        found = [item[name] if name else item for item in found]
        if step.endswith("[]"):
            found = [item for items in found for item in items]
    return found


def is_of_type(value: Any, kind: str) -> bool:
    """Whether a JSON value has the type of a field."""
    plain = kind.removesuffix("?")
    if value is None:
        return kind.endswith("?") or kind == "any"
    checks = {
        "any": True,
        "text": isinstance(value, str),
        "upper": isinstance(value, str) and value == value.upper() and value != "",
        "money": isinstance(value, str) and MONEY.fullmatch(value) is not None,
        "time": isinstance(value, str) and TIME.fullmatch(value) is not None,
        "int": type(value) is int,
        "number": type(value) in (int, float),
        "bool": isinstance(value, bool),
        "list": isinstance(value, list),
        "object": isinstance(value, dict),
    }
    return checks[plain]


def faults_of(data: Any, read: Read) -> list[str]:
    """What the dashboard would not find, or find in another type."""
    items = parts_of(data, read.part)
    faults = [] if items else ["nothing to read"]
    for item in items:
        for written in read.fields.split():
            name, _, kind = written.partition(":")
            if name not in item:
                faults.append(f"{name} is missing")
            elif not is_of_type(item[name], kind or "text"):
                faults.append(f"{name} is {item[name]!r}")
    return sorted(set(faults))
