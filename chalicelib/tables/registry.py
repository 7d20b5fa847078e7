"""The list of tables: what is created, connected and packaged."""

from chalicelib.tables.accounts import AccountRow, SessionRow, SignedInRow
from chalicelib.tables.answers import AnswerRow
from chalicelib.tables.app_info import AppVersionRow, BannerRow
from chalicelib.tables.catalogue import AuditRow, PackageRow, SettingsRow
from chalicelib.tables.challenges import ChallengeRow, CounterRow, ProviderRow, QuotaRow
from chalicelib.tables.credentials import CredentialsRow
from chalicelib.tables.devices import DeviceCountRow, DeviceRow, PushTokenRow
from chalicelib.tables.intents import IntentRow, ReferenceRow
from chalicelib.tables.notifications import NotificationRow, ReadMarkRow
from chalicelib.tables.outbox import OutboxRow
from chalicelib.tables.postings import PostingRow
from chalicelib.tables.push_log import PushRow
from chalicelib.tables.refunds import RefundRow, TallyRow
from chalicelib.tables.rentals import PowerbankRow, RentalRow
from chalicelib.tables.reports import LineRow, ReportRow
from chalicelib.tables.stations import BindingRow, BoardRow, CabinetRow, StationRow
from chalicelib.tables.store import Row
from chalicelib.tables.uploads import UploadRow
from chalicelib.tables.users import IdentityRow, PapersRow, UserRow
from chalicelib.tables.webhooks import WebhookRow

MODELS: tuple[type[Row], ...] = (
    AccountRow,
    AnswerRow,
    AppVersionRow,
    AuditRow,
    BannerRow,
    BindingRow,
    BoardRow,
    CabinetRow,
    ChallengeRow,
    CounterRow,
    CredentialsRow,
    DeviceCountRow,
    DeviceRow,
    IdentityRow,
    IntentRow,
    NotificationRow,
    LineRow,
    OutboxRow,
    PackageRow,
    PapersRow,
    PostingRow,
    PowerbankRow,
    ProviderRow,
    PushRow,
    PushTokenRow,
    QuotaRow,
    ReadMarkRow,
    ReferenceRow,
    RefundRow,
    RentalRow,
    ReportRow,
    SessionRow,
    SettingsRow,
    SignedInRow,
    StationRow,
    TallyRow,
    UploadRow,
    UserRow,
    WebhookRow,
)
TTL_ATTRIBUTE = "expires"
"""Rows that end carry it: epoch seconds. Every expiry is a condition too, for removal is late."""
