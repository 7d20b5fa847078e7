"""Writes times, days and lengths of time as people in Kathmandu read them."""

from datetime import date, datetime, timedelta

from chalicelib.domain.text.days import KATHMANDU, day_of

MINUTES_PER_HOUR = 60
NEPALI_DIGITS = str.maketrans("0123456789", "०१२३४५६७८९")
PARTS_OF_DAY = ((4, "राति"), (12, "बिहान"), (16, "दिउँसो"), (20, "बेलुका"), (24, "राति"))
"""The hour at which each part of the day ends."""

MONTHS = (
    *("जनवरी", "फेब्रुअरी", "मार्च", "अप्रिल", "मे", "जुन"),
    *("जुलाई", "अगस्ट", "सेप्टेम्बर", "अक्टोबर", "नोभेम्बर", "डिसेम्बर"),
)


def clock_text(at: datetime, language: str, written_at: datetime | None = None) -> str:
    """`2:45 PM` or `दिउँसो २:४५`. Another day than that of `written_at` is named: tomorrow, else `29 Nov`."""
    local = at.astimezone(KATHMANDU)
    hour = local.hour % 12 or 12
    days = (day_of(at) - day_of(written_at)).days if written_at else 0
    if language == "ne":
        part = next(name for end, name in PARTS_OF_DAY if local.hour < end)
        day = {0: "", 1: "भोलि "}.get(days, f"{_month_day(local, language)} ")
        return f"{day}{part} {hour}:{local:%M}".translate(NEPALI_DIGITS)
    day = {0: "", 1: " tomorrow"}.get(days, f" on {_month_day(local, language)}")
    return f"{hour}:{local:%M %p}{day}"


def day_text(day: date, language: str) -> str:
    """`29 Nov 2026` or `२९ नोभेम्बर २०२६`."""
    text = f"{_month_day(day, language)} {day.year}"
    return text.translate(NEPALI_DIGITS) if language == "ne" else text


def _month_day(day: date, language: str) -> str:
    return f"{day.day} {MONTHS[day.month - 1] if language == 'ne' else f'{day:%b}'}"


def duration_text(minutes: int, language: str) -> str:
    """`1 h 20 min` or `१ घण्टा २० मिनेट`. Zero hours or minutes are left out, but for zero as a whole."""
    hours, rest = divmod(minutes, MINUTES_PER_HOUR)
    hour_unit, minute_unit = ("घण्टा", "मिनेट") if language == "ne" else ("h", "min")
    parts = [f"{hours} {hour_unit}"] if hours else []
    parts += [f"{rest} {minute_unit}"] if rest or not hours else []
    text = " ".join(parts)
    return text.translate(NEPALI_DIGITS) if language == "ne" else text


def whole_minutes(length: timedelta) -> int:
    """The started minutes of a length of time."""
    return -(-length // timedelta(minutes=1))
