"""What each template is given. Amounts and days are already spelled as text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that matters: "Gifts this week", "$450", "3 gifts"."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Action:
    """What one click in the mail does: its words and its address."""

    label: str
    link: str


@dataclass(frozen=True, slots=True)
class Line:
    """One person and why they are here, with the way to them."""

    name: str
    reason: str
    link: str
    contact: str = ""
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its people; `more` is how many are not listed."""

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
    changed: tuple[str, ...]
    sections: tuple[Section, ...]
    link: str
    settings_link: str
    # for administrators: the head of the audit log, to be kept outside the database
    audit_head: str = ""


@dataclass(frozen=True, slots=True)
class LateMail:
    """A pledge that has just become late."""

    subject: str
    name: str
    organisation: str
    line: Line
    pledge: str
    received: str
    settings_link: str


@dataclass(frozen=True, slots=True)
class AtRiskMail:
    """The donors who have just fallen out of their rhythm."""

    subject: str
    name: str
    organisation: str
    opening: str
    lines: tuple[Line, ...]
    settings_link: str


@dataclass(frozen=True, slots=True)
class PasswordMail:
    """The link to a new password."""

    subject: str
    name: str
    organisation: str
    link: str


@dataclass(frozen=True, slots=True)
class InvitationMail:
    """The link with which somebody invited comes in for the first time."""

    subject: str
    name: str
    inviter: str
    organisation: str
    link: str


@dataclass(frozen=True, slots=True)
class ImportMail:
    """A big import has ended; `lines` say how, `after` what can be done."""

    subject: str
    name: str
    organisation: str
    lines: tuple[str, ...]
    after: str
    link: str


@dataclass(frozen=True, slots=True)
class ExportMail:
    """A file somebody wants regularly can be fetched; `line` says what it holds."""

    subject: str
    name: str
    organisation: str
    line: str
    link: str


@dataclass(frozen=True, slots=True)
class NewSignInMail:
    """Somebody signed in with a device that was not seen before."""

    subject: str
    name: str
    organisation: str
    device: str
    address: str
    when: str
    link: str


@dataclass(frozen=True, slots=True)
class CopiedSignInMail:
    """A session was ended because a copy of its cookie was used."""

    subject: str
    name: str
    organisation: str
    device: str
    since: str
    when: str
    link: str


@dataclass(frozen=True, slots=True)
class DrillMail:
    """A restore drill has failed; `reason` is a sentence."""

    subject: str
    name: str
    organisation: str
    when: str
    reason: str
    link: str


@dataclass(frozen=True, slots=True)
class PasskeyMail:
    """A passkey was added to an account or removed from it; `what` says which."""

    subject: str
    name: str
    organisation: str
    what: str
    when: str
    link: str


@dataclass(frozen=True, slots=True)
class NoticeMail:
    """Something an administrator has to know: who did what, when, from where."""

    subject: str
    name: str
    organisation: str
    who: str
    what: str
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
