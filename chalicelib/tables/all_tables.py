"""The row types of all tables, and the attribute that expires rows."""

from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.achievements import AchievementListRow, UnlockedAchievementRow
from chalicelib.tables.app_info import BannerRow, ReleaseRow
from chalicelib.tables.audit_log import AuditLogRow
from chalicelib.tables.audits import AuditRow, AuditViolationRow, AuditWalkRow
from chalicelib.tables.balance_additions import BalanceAdditionRow
from chalicelib.tables.broadcasts import BroadcastFeedRow, BroadcastRow
from chalicelib.tables.cabinets import BindingRow, CabinetRow
from chalicelib.tables.content import FaqRow, PageRow
from chalicelib.tables.coupons import CouponCounterRow, CouponRow, CouponUseRow, UserCouponCountRow
from chalicelib.tables.credentials import CredentialsRow
from chalicelib.tables.day_counters import CountedRow, DayCounterRow
from chalicelib.tables.day_recounts import DayRecountRow, RecountWalkRow
from chalicelib.tables.devices import DeviceCountRow, DeviceRow, PushTokenRow
from chalicelib.tables.event_log import EventRow
from chalicelib.tables.idempotency import IdempotencyRow
from chalicelib.tables.identities import IdentityRow
from chalicelib.tables.intent_references import ReferenceRow
from chalicelib.tables.intents import IntentRow
from chalicelib.tables.invitations import InvitationRow
from chalicelib.tables.issues import IssueClaimRow, StationIssueRow
from chalicelib.tables.kyc import KycSubmissionRow
from chalicelib.tables.leaderboards import LeaderboardRow, ScoreRow, ShardRankingsRow
from chalicelib.tables.notifications import NotificationRow, ReadMarkRow
from chalicelib.tables.open_items import OpenItemRow
from chalicelib.tables.operator_alerts import OperatorAlertRow
from chalicelib.tables.operators import OperatorRow
from chalicelib.tables.otp import ChallengeRow, QuotaRow
from chalicelib.tables.outbox import OutboxRow
from chalicelib.tables.packages import PackageRow
from chalicelib.tables.postings import PostingRow
from chalicelib.tables.powerbanks import PowerbankRow
from chalicelib.tables.provider_backoff import ProviderBackoffRow
from chalicelib.tables.push_deliveries import PushDeliveryRow
from chalicelib.tables.rate_limits import CounterRow
from chalicelib.tables.reconciliation import ReportLineRow, ReportRow
from chalicelib.tables.refunds import RefundRow, RefundTotalsRow
from chalicelib.tables.rental_issues import RentalIssueRow
from chalicelib.tables.rental_locations import RentalLocationRow
from chalicelib.tables.rentals import RentalRow
from chalicelib.tables.return_doubts import ReturnDoubtRow
from chalicelib.tables.reversals import ReversalRow, ReversalWalkRow
from chalicelib.tables.rows import Row
from chalicelib.tables.sessions import ActiveSessionsRow, SessionRow
from chalicelib.tables.settings import SettingsRow
from chalicelib.tables.station_listings import ConfiguredListingRow, ListingTagsRow, StationListingRow
from chalicelib.tables.stations import StationRow
from chalicelib.tables.unreadable_returns import UnreadableReturnRow
from chalicelib.tables.uploads import UploadRow
from chalicelib.tables.users import UserRow
from chalicelib.tables.webhooks import WebhookRow

ROW_TYPES: tuple[type[Row], ...] = (
    AccountRow,
    AchievementListRow,
    IdempotencyRow,
    ReleaseRow,
    AuditLogRow,
    AuditRow,
    AuditViolationRow,
    AuditWalkRow,
    BalanceAdditionRow,
    BannerRow,
    PageRow,
    FaqRow,
    BindingRow,
    BroadcastFeedRow,
    BroadcastRow,
    StationListingRow,
    ConfiguredListingRow,
    ListingTagsRow,
    CabinetRow,
    ChallengeRow,
    CountedRow,
    CounterRow,
    CouponCounterRow,
    CouponRow,
    CouponUseRow,
    UserCouponCountRow,
    UnlockedAchievementRow,
    CredentialsRow,
    DayCounterRow,
    DayRecountRow,
    DeviceCountRow,
    DeviceRow,
    EventRow,
    IdentityRow,
    IntentRow,
    InvitationRow,
    IssueClaimRow,
    StationIssueRow,
    LeaderboardRow,
    NotificationRow,
    OpenItemRow,
    OperatorRow,
    OperatorAlertRow,
    ReportLineRow,
    OutboxRow,
    PackageRow,
    KycSubmissionRow,
    PostingRow,
    PowerbankRow,
    ProviderBackoffRow,
    PushDeliveryRow,
    PushTokenRow,
    QuotaRow,
    ReadMarkRow,
    RecountWalkRow,
    ReferenceRow,
    RefundRow,
    RentalIssueRow,
    RentalLocationRow,
    RentalRow,
    ReportRow,
    ReturnDoubtRow,
    ReversalRow,
    ReversalWalkRow,
    ScoreRow,
    SessionRow,
    SettingsRow,
    ShardRankingsRow,
    ActiveSessionsRow,
    StationRow,
    RefundTotalsRow,
    UnreadableReturnRow,
    UploadRow,
    UserRow,
    WebhookRow,
)
TTL_ATTRIBUTE = "expires"
"""The attribute of DynamoDB's time to live, in epoch seconds. DynamoDB deletes late, so reads check expiry too."""
