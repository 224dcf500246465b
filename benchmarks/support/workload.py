"""Work of the application through its public functions, for measuring its SQL statements."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.dashboard import ADA, RUTH, fill

if TYPE_CHECKING:
    from app.accounts import Actor
    from app.db import Session

__all__ = ["all_of_it", "fill"]

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 14, tzinfo=UTC)
ROUNDS = 3
PEOPLE, KNOWN, GIFTS, MIXED, REVERSED = 10_000, 2_000, 100_000, 20_000, 20_000
# (name, number of rounds, function)
Work = tuple[str, int, Callable[[], None]]


def all_of_it() -> Iterator[Work]:
    """Yield every piece of work in order; alerts are raised before they are read."""
    yield from _jobs("late_pledges", "at_risk")
    for email, role in ((ADA, "an administrator"), (RUTH, "a fundraiser")):
        for name, do in _screens().items():
            yield f"{name}, {role}", ROUNDS, partial(_as, email, do)
    yield from _imports()
    yield from _settling_imports()
    yield "donors who have paid all their pledges asked for", ROUNDS, _paid_up
    yield from _jobs(
        "late_pledges",
        "at_risk",
        "weekly_summaries",
        "summaries_check",
        "reliability",
        "seal",
        "purge",
        "regular_exports",
        "send_mail",
    )


def _jobs(*names: str) -> Iterator[Work]:
    from jobs.schedule import run_line  # noqa: PLC0415 - after the settings are chosen

    for name in names:
        yield f"job {name}", 1, partial(_quietly, run_line, name)


def _quietly(run: Callable[..., str], name: str) -> None:
    run(name, NOW, now=NOW)


def _actor(email: str) -> "Actor":
    from app import accounts  # noqa: PLC0415
    from app.db import transaction_for_system  # noqa: PLC0415

    with transaction_for_system() as db:
        return accounts.actor_by_email(db, email)


def _as(email: str, do: Callable[["Session", "Actor"], None]) -> None:
    from app.cache import versioned_cache  # noqa: PLC0415
    from app.db import transaction  # noqa: PLC0415

    # no caching: every screen queries the database
    versioned_cache.MOST = 0
    actor = _actor(email)
    with transaction(actor) as db:
        do(db, actor)


def _screens() -> dict[str, Callable[["Session", "Actor"], None]]:
    return {
        "dashboard": _dashboard,
        "behind the dashboard": _behind,
        "today": _today,
        "donor list": _donors,
        "donor search": _search,
        "one donor": _donor,
        "gift list": _gifts,
        "pledges": _pledges,
        "alerts, tasks, goals": _work,
    }


def _dashboard(db: "Session", actor: "Actor") -> None:
    from app import insights  # noqa: PLC0415

    for period in insights.Period:
        chosen = insights.DashboardFilter(period=period)
        insights.dashboard(db, actor, filter=chosen, today=TODAY)
    insights.figures(db, actor, today=TODAY)
    insights.months(db, actor, today=TODAY)
    insights.retention_by_year(db, actor, today=TODAY, number=5)


def _behind(db: "Session", actor: "Actor") -> None:
    from app import insights  # noqa: PLC0415
    from app.kit.dates.days import trailing_year  # noqa: PLC0415

    chosen = insights.DashboardFilter()
    insights.load_work_lists(db, actor, filter=chosen, today=TODAY)
    insights.changes(db, actor, filter=chosen, today=TODAY)
    insights.drilldown_gifts(db, actor, filter=chosen, span=trailing_year(TODAY))
    insights.drilldown_donors(db, actor, filter=chosen, kinds=list(insights.Change), today=TODAY)


def _today(db: "Session", actor: "Actor") -> None:
    from app import gifts, insights, summaries  # noqa: PLC0415

    insights.load_today_summary(db, actor, today=TODAY)
    gifts.thank_queue(db, actor, today=TODAY, limit=20)
    gifts.freshness(db, actor)
    summaries.build(db, actor, today=TODAY)


def _donors(db: "Session", actor: "Actor") -> None:
    from app import donors  # noqa: PLC0415

    everybody = donors.DonorFilter()
    for sort in donors.SORTS:
        page = donors.page(db, actor, filter=everybody, sort=sort, today=TODAY)
        donors.page(db, actor, filter=everybody, sort=sort, today=TODAY, after=page.next)
    for filter_ in (
        donors.DonorFilter(query="smi"),
        donors.DonorFilter(statuses=("lapsed", "prospect")),
        *(donors.DonorFilter(giving=(giving,)) for giving in donors.GIVING),
    ):
        donors.page(db, actor, filter=filter_, today=TODAY)
    donors.at_risk(db, actor, today=TODAY)
    donors.filtered_ids(db, actor, filter=donors.DonorFilter(query="ann"), today=TODAY)


def _search(db: "Session", actor: "Actor") -> None:
    from app import donors  # noqa: PLC0415

    for query in ("ann", "smith", "anna smith", "anna smithh", "example.org", "zzzzqq", "555"):
        donors.search(db, actor, query=query)


def _donor(db: "Session", actor: "Actor") -> None:
    from app import donors, gifts, pledges, tasks  # noqa: PLC0415

    page = donors.page(db, actor, filter=donors.DonorFilter(), sort="lifetime", today=TODAY)
    which = page.lines[0].donor_id
    donors.get(db, actor, which, today=TODAY)
    donors.timeline(db, actor, which)
    donors.months(db, actor, which, since=TODAY - timedelta(days=1000))
    gifts.recent(db, actor, donor_id=which)
    pledges.pledge_statuses(db, actor, today=TODAY, donor_id=which)
    tasks.for_donor(db, actor, donor_id=which)


def _gifts(db: "Session", actor: "Actor") -> None:
    from app import gifts  # noqa: PLC0415
    from app.kit.dates.days import month_of  # noqa: PLC0415

    month = month_of(TODAY)
    for filter_ in (
        gifts.GiftFilter(),
        gifts.GiftFilter(span=month),
        gifts.GiftFilter(thanked=False),
        gifts.GiftFilter(query="smith"),
        gifts.GiftFilter(recurring=False, span=month),
        gifts.GiftFilter(fund_id=1, method="card"),
    ):
        page = gifts.page(db, actor, filter=filter_)
        gifts.page(db, actor, filter=filter_, after=page.next)
    gifts.filtered_ids(db, actor, filter=gifts.GiftFilter(span=month))


def _pledges(db: "Session", actor: "Actor") -> None:
    from app import pledges  # noqa: PLC0415
    from app.kit.dates.days import trailing_year  # noqa: PLC0415

    pledges.page(db, actor, filter=pledges.PledgeFilter(), today=TODAY)
    pledges.page(db, actor, filter=pledges.PledgeFilter(states=("late",)), today=TODAY)
    pledges.late(db, actor, today=TODAY)
    pledges.expected(db, actor, span=trailing_year(TODAY))
    pledges.monthly_equivalent(db, actor, today=TODAY)


def _work(db: "Session", actor: "Actor") -> None:
    from app import alerts, audit, goals, tasks  # noqa: PLC0415
    from app.kit.dates.days import week_before  # noqa: PLC0415

    alerts.open_for(db, actor, today=TODAY)
    alerts.changes(db, actor, span=week_before(TODAY))
    tasks.due(db, actor, today=TODAY)
    goals.progress(db, actor, today=TODAY)
    goals.support_by_month(db, actor, today=TODAY, number=12)
    audit.page(db, filter=audit.ActivityFilter())


def _imports() -> Iterator[Work]:
    """Yield the work on imports: plan each file twice, import it, repeat it, and undo some."""
    for what, kind, make, email in (
        ("funds", "funds", _fund_file, ADA),
        (f"{PEOPLE:,} new donors and {KNOWN:,} known", "donors", _people_file, ADA),
        ("the same donors, moved", "donors", partial(_people_file, moved=True), ADA),
        ("pledges", "pledges", _pledge_file, ADA),
        (
            "the same pledges, paused, ended and changed",
            "pledges",
            partial(_pledge_file, changed=True),
            ADA,
        ),
        (f"{GIFTS:,} gifts by the donor's id", "gifts", _gift_file, ADA),
        ("the same gifts, changed", "gifts", partial(_gift_file, changed=True), ADA),
        (f"{MIXED:,} gifts by e-mail", "gifts", _mailed_file, ADA),
        (f"{MIXED:,} gifts with their donors", "gifts", _mixed_file, ADA),
        (f"{MIXED:,} gifts with their donors, a fundraiser", "gifts", _mixed_file, RUTH),
    ):
        yield from _planned_and_done(what, kind, make, email)
    yield "undo of three imports", 1, partial(_undo, 3)


def _settling_imports() -> Iterator[Work]:
    """Yield imports that resolve and reopen alerts, each with its undo."""
    for what, make in (
        ("gifts of all donors who are late", _settling_file),
        (f"{REVERSED:,} reversals", _reversal_file),
    ):
        yield from _planned_and_done(what, "gifts", make, ADA)
        yield f"undo of {what}", 1, partial(_undo, 1)


def _planned_and_done(
    what: str, kind: str, make: Callable[..., str], email: str
) -> Iterator[Work]:
    yield f"plan of {what}", 2, partial(_bring, email, kind, make, carry_out=False)
    yield f"import of {what}", 1, partial(_bring, email, kind, make, carry_out=True)


def _paid_up() -> None:
    from app import pledges  # noqa: PLC0415
    from app.db import transaction_for_system  # noqa: PLC0415

    with transaction_for_system() as db:
        pledges.paid_up(db, today=TODAY)


def _bring(email: str, kind: str, make: Callable[..., str], *, carry_out: bool) -> None:
    from app import imports  # noqa: PLC0415
    from app.db import transaction_for_system  # noqa: PLC0415

    actor, data = _actor(email), make()
    header = data.partition("\n")[0].split(",")
    request = imports.ImportRequest(
        "file.csv",
        data.encode(),
        kind=kind,
        date_order="ymd",
        mapping={name: name for name in header},
    )
    with transaction_for_system() as db:
        preview = imports.preview(db, actor, request, today=TODAY)
    if carry_out:
        with transaction_for_system() as db:
            imports.commit(
                db, actor, run_id=preview.run_id, plan_hash=preview.plan_hash, today=TODAY, now=NOW
            )


def _undo(number: int) -> None:
    from app import imports  # noqa: PLC0415
    from app.db import transaction_for_system  # noqa: PLC0415

    actor = _actor(ADA)
    with transaction_for_system() as db:
        done = [run.id for run in imports.history(db, actor) if run.state == "done"]
    for run_id in done[:number]:
        with transaction_for_system() as db:
            imports.undo(db, actor, run_id=run_id, now=NOW)


def _here() -> list[tuple[str, str]]:
    """Return names and e-mails of donors, the same on every server."""
    from sqlalchemy import text  # noqa: PLC0415

    from app.db import transaction_for_system  # noqa: PLC0415

    with transaction_for_system() as db:
        rows = db.execute(
            text("""
            select d.name, e.email from donor d join donor_email e on e.donor_id = d.id
            where e.is_primary and d.import_run_id is null order by d.id limit 20000
            """)
        )
        return [(row.name, row.email) for row in rows]


def _fund_file() -> str:
    return "external_id,name\n" + "".join(f"F{n},Fund no. {n}\n" for n in range(20))


def _people_file(*, moved: bool = False) -> str:
    dice, known_rows = random.Random(1), _here()
    rows = ["external_id,name,email,phone,street,city,postal_code,tags,notes"]
    street = "New Street" if moved else "Old Street"
    for n in range(PEOPLE + KNOWN):
        first, last = dice.choice(known_rows)[0].split()[0], dice.choice(known_rows)[0].split()[-1]
        name, email = (
            (f"{first} {last}", f"new{n}@example.net")
            if n < PEOPLE
            else known_rows[n % len(known_rows)]
        )
        rows.append(
            f"N{n},{name},{email},555 {n:06d},{n} {street},Utrecht,{1000 + n % 9000},"
            f"{'Choir' if n % 9 == 0 else ''},{'moved' if moved else ''}"
        )
    return "\n".join(rows)


def _pledge_file(*, changed: bool = False) -> str:
    rows = [
        "external_id,donor_external_id,amount,frequency,start_date,fund_external_id,status,total"
    ]
    for n in range(PEOPLE // 2):
        status, frequency, amount = "active", "monthly", 10 + n % 90
        if changed:
            status = ("active", "paused", "completed", "cancelled")[n // 5 % 4]
            frequency = "monthly" if n % 7 else "quarterly"
            amount += 5 if n % 3 == 0 else 0
        total = f"{12 * (10 + n % 90)}.00" if n % 4 == 0 else ""
        rows.append(
            f"P{n},N{n},{amount}.00,{frequency},2026-0{1 + n % 9}-01,F{n % 20},{status},{total}"
        )
    return "\n".join(rows)


def _gift_file(*, changed: bool = False) -> str:
    rows = ["external_id,donor_external_id,amount,gift_date,fund_external_id,reverses_external_id"]
    for n in range(GIFTS):
        amount = 20 + n % 80 + (5 if changed and n % 50 == 0 else 0)
        rows.append(f"G{n},N{n % PEOPLE},{amount}.00,{_day(n)},F{n % 20},")
    rows += [f"R{n},N{n},-{20 + n % 80}.00,2026-10-01,F{n % 20},G{n}" for n in range(1, 500)]
    return "\n".join(rows)


def _reversal_file() -> str:
    rows = ["external_id,donor_external_id,amount,gift_date,reverses_external_id"]
    rows += [
        f"V{n},N{n % PEOPLE},-{20 + n % 80 + (5 if n % 50 == 0 else 0)}.00,{TODAY},G{n}"
        for n in range(500, 500 + REVERSED)
    ]
    return "\n".join(rows)


def _settling_file() -> str:
    from sqlalchemy import text  # noqa: PLC0415

    from app.db import transaction_for_system  # noqa: PLC0415

    with transaction_for_system() as db:
        late = db.execute(
            text("""
            select distinct on (a.donor_id) e.email, p.amount_minor from alert a
            join pledge p on p.id = a.pledge_id
            join donor_email e on e.donor_id = a.donor_id and e.is_primary
            where a.kind = 'late_pledge' and a.state = 'open' order by a.donor_id, p.id
            """)
        ).all()
    return "external_id,email,amount,gift_date\n" + "".join(
        f"S{n},{row.email},{row.amount_minor / 100:.2f},{TODAY}\n" for n, row in enumerate(late)
    )


def _mailed_file() -> str:
    known_rows = _here()
    return "external_id,email,amount,gift_date\n" + "".join(
        f"M{n},{known_rows[n % len(known_rows)][1]},{10 + n % 90}.00,{_day(n)}\n"
        for n in range(MIXED)
    )


def _mixed_file() -> str:
    known_rows, rows = _here(), ["external_id,name,email,amount,gift_date"]
    for n in range(MIXED):
        name, email = (
            known_rows[n % min(KNOWN, len(known_rows))]
            if n % 3
            else (f"Late Comer{n % 999}", f"late{n % 999}@example.net")
        )
        rows.append(f"X{n},{name},{email},{10 + n % 90}.00,{_day(n)}")
    return "\n".join(rows)


def _day(number: int) -> date:
    return TODAY - timedelta(days=1 + number * 7 % 1500)
