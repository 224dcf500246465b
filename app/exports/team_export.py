"""Export of the team as CSV or workbook: one row of figures for each member."""

import csv
import io
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import IO

from app import insights
from app.accounts import Actor, Role, require
from app.db import Session
from app.donors import STATUSES
from app.exports.columns import Column
from app.exports.formats import require_form
from app.exports.recording import Export, record_export
from app.exports.workbook import Later, write_workbook
from app.insights import TeamLine
from app.kit.formatting import count
from app.kit.security.csv_injection import safe
from app.workbook_writer.cell_types import Holds

# coaches export nothing, here as elsewhere
EXPORTERS = (Role.SUPERVISOR, Role.ADMIN)
DECIMALS = 4
_WORD, _NUMBER, _MONEY = Column(""), Column("", Holds.NUMBER), Column("", Holds.MONEY)
COLUMNS = {
    "name": Column("", Holds.TEXT),
    "role": _WORD,
    "monthly_goal": _MONEY,
    "monthly_support": _MONEY,
    "support_three_months_ago": _MONEY,
    "currency": _WORD,
    "goal_share": _NUMBER,
    "late_pledges": _NUMBER,
    "donors_at_risk": _NUMBER,
    "thank_yous_waiting": _NUMBER,
    "contacts_of_seven_days": _NUMBER,
    "gifts_of_seven_days": _NUMBER,
    "overdue_tasks": _NUMBER,
    **{f"donors_{status}": _NUMBER for status in STATUSES},
    # what monthly support leaves out
    "gifts_waiting_for_rate": _NUMBER,
    "pledges_not_counted": _NUMBER,
}


def write_team(
    db: Session,
    actor: Actor,
    *,
    out: IO[bytes],
    today: date,
    form: str = "csv",
    later: Later | None = None,
) -> int:
    """Write the lines of the actor's team to `out`, by name; return how many.

    The callables appended to `later` complete `out` and must be called after the transaction.

    Raises:
        NotAllowedError: the actor is neither a supervisor nor an administrator.
        InvalidError: the file format is unknown.
    """
    require(actor, *EXPORTERS)
    require_form(form)
    team = insights.team(db, actor, today=today)
    if form == "csv":
        lines = _table(out, team, guard=safe)
    else:
        # workbook cells have a type, so text needs no guard against formulas
        table = partial(_table, team=team, guard=str)
        lines = write_workbook(COLUMNS, table, out, name="team", locale=actor.locale, later=later)
    record_export(db, Export(actor, f"{count(lines, 'line')} of the team"), later=later)
    return lines


def _table(out: IO[bytes], team: insights.Team, guard: Callable[[str], str]) -> int:
    text_file = io.TextIOWrapper(out, "utf-8", newline="")
    file = csv.writer(text_file, lineterminator="\n")
    file.writerow(COLUMNS)
    file.writerows([guard(cell) for cell in _cells(line)] for line in team.lines)
    text_file.detach()
    return len(team.lines)


def _cells(line: TeamLine) -> list[str]:
    giving = line.giving
    if giving is None:
        msg = "A file of the team is for users who see amounts."
        raise TypeError(msg)
    progress = giving.progress
    return [
        line.name,
        line.role,
        str(progress.goal),
        str(progress.support),
        str(giving.three_months_ago),
        progress.goal.currency,
        "" if progress.share is None else str(round(progress.share, DECIMALS)),
        *map(
            str,
            (
                line.late,
                line.at_risk,
                giving.thanks,
                line.contacts,
                giving.gifts,
                line.overdue,
                *(line.statuses.get(status, 0) for status in STATUSES),
                sum(waiting.gifts for waiting in giving.awaiting_rate),
                sum(uncounted.pledges for uncounted in progress.uncounted),
            ),
        ),
    ]
