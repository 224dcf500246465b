"""Context of each mail template. Amounts and days are already formatted as text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure: "Gifts this week", "$450", "3 gifts"."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Action:
    """A one-click action in a mail: its label and its URL."""

    label: str
    link: str


@dataclass(frozen=True, slots=True)
class Line:
    """One donor in a list: name, reason for being listed, and links."""

    name: str
    reason: str
    link: str
    contact: str = ""
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its list of donors; `more` is the number of donors not listed."""

    title: str
    lines: tuple[Line, ...]
    more: int
    link: str


@dataclass(frozen=True, slots=True)
class WeeklyMail:
    """The weekly summary. `percent` of the goal is 0 to 100 for the bar, None without a goal."""

    subject: str
    name: str
    organisation: str
    week: str
    opening: str
    figures: tuple[Figure, ...]
    percent: int | None
    goal: str
    # gifts that the figures leave out for lack of an exchange rate; "" if there are none
    not_counted: str
    # where to add the rate, for whoever may; "" for the others
    rates_link: str
    changed: tuple[str, ...]
    sections: tuple[Section, ...]
    link: str
    settings_link: str
    # for administrators: the head of the audit log's hash chain, to store outside the database
    audit_head: str = ""


@dataclass(frozen=True, slots=True)
class LateMail:
    """The mail about a pledge that has just become late."""

    subject: str
    name: str
    organisation: str
    line: Line
    pledge: str
    received: str
    settings_link: str


@dataclass(frozen=True, slots=True)
class AtRiskMail:
    """The mail about donors who have just become at risk (have left their giving rhythm)."""

    subject: str
    name: str
    organisation: str
    opening: str
    lines: tuple[Line, ...]
    settings_link: str


@dataclass(frozen=True, slots=True)
class PasswordMail:
    """The mail with the password reset link."""

    subject: str
    name: str
    organisation: str
    link: str


@dataclass(frozen=True, slots=True)
class InvitationMail:
    """The mail with the link with which an invited user signs in for the first time."""

    subject: str
    name: str
    inviter: str
    organisation: str
    link: str


@dataclass(frozen=True, slots=True)
class ImportMail:
    """The mail that a big import has ended; `lines` are its results, `after` the next steps."""

    subject: str
    name: str
    organisation: str
    lines: tuple[str, ...]
    after: str
    link: str


@dataclass(frozen=True, slots=True)
class ExportMail:
    """The mail that a scheduled export can be downloaded; `line` describes its content."""

    subject: str
    name: str
    organisation: str
    line: str
    link: str


@dataclass(frozen=True, slots=True)
class NewSignInMail:
    """The mail that a new device has signed in."""

    subject: str
    name: str
    organisation: str
    device: str
    address: str
    when: str
    link: str


@dataclass(frozen=True, slots=True)
class CopiedSignInMail:
    """The mail that a session was ended because a copy of its cookie was used."""

    subject: str
    name: str
    organisation: str
    device: str
    since: str
    when: str
    link: str


@dataclass(frozen=True, slots=True)
class DrillMail:
    """The mail that a restore drill has failed; `reason` is a sentence."""

    subject: str
    name: str
    organisation: str
    when: str
    reason: str
    link: str


@dataclass(frozen=True, slots=True)
class PasskeyMail:
    """The mail that a passkey was added to an account or removed; `change` states which."""

    subject: str
    name: str
    organisation: str
    change: str
    when: str
    link: str


@dataclass(frozen=True, slots=True)
class NoticeMail:
    """The notice to an administrator about a sensitive action: by whom, what, when, from where."""

    subject: str
    name: str
    organisation: str
    user_name: str
    action: str
    when: str
    address: str
    advice: str
    link: str


AnyMail = (
    WeeklyMail
    | LateMail
    | AtRiskMail
    | PasswordMail
    | InvitationMail
    | ImportMail
    | ExportMail
    | NewSignInMail
    | CopiedSignInMail
    | NoticeMail
    | PasskeyMail
    | DrillMail
)
