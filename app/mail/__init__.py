"""Messages out: rendered from a typed object, queued with their cause, sent once."""

from app.mail.contexts import (
    Action,
    AtRiskMail,
    ExportMail,
    Figure,
    ImportMail,
    InvitationMail,
    LateMail,
    Line,
    PasswordMail,
    Section,
    WeeklyMail,
)
from app.mail.outbox import Message, counts, messages, resend, states, was_queued
from app.mail.sender import Sent, send_waiting
from app.mail.service import (
    at_risk_donors_alert,
    export_ready,
    import_finished,
    invitation,
    late_pledge_alert,
    password_reset,
    weekly_summary,
)
from app.mail.wishes import KINDS, read_wishes_token, wishes_link

__all__ = [
    "KINDS",
    "Action",
    "AtRiskMail",
    "ExportMail",
    "Figure",
    "ImportMail",
    "InvitationMail",
    "LateMail",
    "Line",
    "Message",
    "PasswordMail",
    "Section",
    "Sent",
    "WeeklyMail",
    "at_risk_donors_alert",
    "counts",
    "export_ready",
    "import_finished",
    "invitation",
    "late_pledge_alert",
    "messages",
    "password_reset",
    "read_wishes_token",
    "resend",
    "send_waiting",
    "states",
    "was_queued",
    "weekly_summary",
    "wishes_link",
]
