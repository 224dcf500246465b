"""The table of the screen Team: one row of figures for each member."""

from collections.abc import Callable, Collection, Sequence
from datetime import date

from app.insights import Team, TeamGiving, TeamLine
from app.kit.money import Money
from app.ui.base import formats
from app.ui.widgets import tables

VIEW_AS = "view_as"


def show(
    team: Team,
    *,
    key: str,
    today: date,
    viewable: Collection[int],
    view_as: Callable[[str], None],
) -> None:
    """Draw the table; `viewable` are the ids of those whom the reader may view the app as.

    Amounts, and what only those see who may read gifts, are missing where lines have no `giving`.
    """
    sees_gifts = any(line.giving for line in team.lines)
    columns = [
        tables.name("Name", lambda line: line.name),
        *(_support_columns() if sees_gifts else ()),
        tables.number("Late", lambda line: line.late),
        tables.number("At risk", lambda line: line.at_risk),
        *((tables.number("To thank", _of_giving(lambda giving: giving.thanks)),) * sees_gifts),
        tables.number("Overdue", lambda line: line.overdue),
        tables.number("Contacts", lambda line: line.contacts),
        *((tables.number("Gifts", _of_giving(lambda giving: giving.gifts)),) * sees_gifts),
        _pipeline_column(team.lines),
    ]
    if viewable:
        columns.append(
            tables.button("View as", lambda line: line.user_id in viewable, pressed=VIEW_AS)
        )
    tables.show(
        team.lines,
        columns,
        key=key,
        today=today,
        identify=lambda line: line.user_id,
        on_press={VIEW_AS: view_as} if viewable else None,
        alt="The team",
    )


def notes(team: Team) -> list[str]:
    """Return what each member's monthly support leaves out for lack of an exchange rate."""
    return [
        f"{line.name}: {note}"
        for line in team.lines
        if line.giving
        for note in line.giving.progress.notes
    ]


def _support_columns() -> tuple[tables.Column, ...]:
    return (
        tables.money("Goal", _goal),
        tables.Column("Reached", _share, _percents, "number"),
        tables.bars("Support", _supports),
    )


def _pipeline_column(lines: Sequence[TeamLine]) -> tables.Column:
    """Return a column of "3 + 2", sorted by the sum: two columns are too wide for a desk."""
    numbers = [_pipeline(line) for line in lines]
    texts = [f"{formats.number(new)} + {formats.number(asked)}" for new, asked in numbers]
    return tables.Column(
        "Pipeline",
        lambda line: sum(_pipeline(line)),
        lambda _values, _today: texts,
        "number",
        help="Prospects + asked",
    )


def _pipeline(line: TeamLine) -> tuple[int, int]:
    return line.statuses.get("prospect", 0), line.statuses.get("asked", 0)


def _goal(line: TeamLine) -> Money | None:
    return line.giving.progress.goal if line.giving and line.giving.progress.goal.minor else None


def _share(line: TeamLine) -> float | None:
    return line.giving.progress.share if line.giving else None


def _percents(shares: Sequence[float | None], _today: date) -> list[str]:
    return ["" if share is None else formats.percent(share) for share in shares]


def _supports(line: TeamLine) -> list[Money]:
    if line.giving is None:
        return []
    return [*(support for _, support in line.giving.history), line.giving.progress.support]


def _of_giving(value: Callable[[TeamGiving], int]) -> Callable[[TeamLine], int | None]:
    return lambda line: value(line.giving) if line.giving else None
