"""Every table, in one importable place for queries and migrations."""

from app.db.models.access import ApiToken, RecoveryCode, SecondFactor
from app.db.models.base import Base
from app.db.models.donors import (
    Donor,
    DonorAccess,
    DonorAddress,
    DonorConsent,
    DonorEmail,
    DonorExternalId,
    DonorPhone,
    DonorTag,
    Tag,
)
from app.db.models.gifts import Campaign, Fund, Gift, GiftLine, SoftCredit
from app.db.models.imports import ImportChange, ImportLayout, ImportRun, MappingPreset
from app.db.models.people import (
    ExchangeRate,
    OneTimeCode,
    Organisation,
    Session,
    SignInTry,
    TeamMember,
    TokenFamily,
    User,
)
from app.db.models.pledges import Pledge, PledgeAmount, PledgePause, PledgeSkip
from app.db.models.summaries import (
    DonorRhythm,
    DonorSearch,
    DonorSummary,
    DonorYear,
    OwnerMonth,
)
from app.db.models.system import (
    Activity,
    ActivityHorizon,
    ActivitySeal,
    Heartbeat,
    JobRun,
    KeptAnswer,
    OutboxMessage,
    TimetableLine,
)
from app.db.models.work import Alert, ContactLog, Task

__all__ = [
    "Activity",
    "ActivityHorizon",
    "ActivitySeal",
    "Alert",
    "ApiToken",
    "Base",
    "Campaign",
    "ContactLog",
    "Donor",
    "DonorAccess",
    "DonorAddress",
    "DonorConsent",
    "DonorEmail",
    "DonorExternalId",
    "DonorPhone",
    "DonorRhythm",
    "DonorSearch",
    "DonorSummary",
    "DonorTag",
    "DonorYear",
    "ExchangeRate",
    "Fund",
    "Gift",
    "GiftLine",
    "Heartbeat",
    "ImportChange",
    "ImportLayout",
    "ImportRun",
    "JobRun",
    "KeptAnswer",
    "MappingPreset",
    "OneTimeCode",
    "Organisation",
    "OutboxMessage",
    "OwnerMonth",
    "Pledge",
    "PledgeAmount",
    "PledgePause",
    "PledgeSkip",
    "RecoveryCode",
    "SecondFactor",
    "Session",
    "SignInTry",
    "SoftCredit",
    "Tag",
    "Task",
    "TeamMember",
    "TimetableLine",
    "TokenFamily",
    "User",
]
