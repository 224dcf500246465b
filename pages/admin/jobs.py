"""Screen of the scheduler: whether it is alive, the timetable, and the last runs."""

from datetime import datetime

import streamlit as st

from app.accounts import Role, require
from app.db import Session, job_runs, transaction
from app.db.monitoring.health import ALIVE_SECONDS
from app.ui.admin.job_status import MARKS, duration, time_until
from app.ui.base.formats import count, escape, initial, moment
from app.ui.base.session import current_actor, now, today
from app.ui.widgets import forms, tables

RECENT = 50


def local_time(value: datetime | None) -> str:
    """Return a time in the user's time zone, or "" for None."""
    return moment(value, actor.time_zone, today=today()) if value else ""


def run_now(job: str, title: str) -> None:
    """Queue a run of the job for the worker."""

    def work(db: Session) -> str:
        require(actor, Role.ADMIN)
        new = job_runs.run_now(db, job=job, now=now())
        return f"{title}: asked to run now." if new else f"{title}: asked to run a moment ago."

    forms.run_and_announce("run_now", work)


def show_scheduler(processes: list[job_runs.Process]) -> None:
    """Show whether a scheduler is alive."""
    alive = [
        process for process in processes if (now() - process.at).total_seconds() < ALIVE_SECONDS
    ]
    schedulers = [process for process in alive if process.kind == "scheduler"]
    if not schedulers:
        last_seen = f" Its last heartbeat was {local_time(processes[0].at)}." if processes else ""
        st.error(
            f"The scheduler is not running.{last_seen} "
            "It raises the alerts and sends e-mail. Start it with `python -m jobs`.",
            icon=":material/heart_broken:",
        )
        return
    age = max(0, round((now() - schedulers[0].at).total_seconds()))
    helpers = len(alive) - 1
    more = count(helpers, "more process", "more processes")
    helped = f", with {more} to help" if helpers else ""
    st.success(
        f"The scheduler is running{helped}. Last heartbeat {count(age, 'second')} ago, running "
        f"since {local_time(schedulers[0].started_at).removeprefix('on ')}.",
        icon=":material/favorite:",
    )


def show_job(line: job_runs.Line) -> None:
    """Draw one job with its schedule, its last run and the button "Run now"."""
    details, action = st.columns([6, 1], vertical_alignment="center")
    next_run = f", next {time_until(line.next_at, now())}" if line.next_at else ""
    with details:
        st.markdown(f"**{escape(line.title)}** · :gray[{initial(line.rhythm)}{next_run}]")
        if line.last is None:
            st.caption("Has not run yet.")
        else:
            icon, state_label = MARKS[line.last.state]
            run_time = local_time(
                line.last.finished_at or line.last.started_at or line.last.queued_at
            )
            message = line.last.error or line.last.result or ""
            st.caption(f"{icon} {initial(state_label)} {run_time}. {escape(message)}")
    action.button(
        "Run now",
        key=f"run_{line.job}",
        width="stretch",
        help=f"Run “{line.title}” now",
        on_click=run_now,
        args=(line.job, line.title),
    )


@st.fragment(run_every="5s")
def show_board() -> None:
    """Draw the screen, refreshed every five seconds."""
    forms.announce()
    with transaction(current_actor()) as db:
        lines, processes = job_runs.timetable(db), job_runs.processes(db)
        recent = job_runs.recent(db, limit=RECENT)
    show_scheduler(processes)
    if not lines:
        tables.show_empty(
            "schedule", "The timetable is shown here after the scheduler's first start."
        )
        return
    with st.container(border=True, key="list_jobs"):
        for line in lines:
            show_job(line)
    st.subheader("Recent runs")
    titles = {line.job: line.title for line in lines}
    tables.show(
        recent,
        [
            tables.text("Job", lambda run: titles.get(run.job, run.job)),
            tables.text("When", lambda run: local_time(run.started_at or run.queued_at)),
            tables.text("Took", lambda run: duration(run.seconds)),
            tables.text("How it went", lambda run: MARKS[run.state][1]),
            tables.text("What it did", lambda run: run.error or run.result, wide=True),
        ],
        key="recent_runs",
        today=today(),
    )


actor = current_actor()
require(actor, Role.ADMIN)
st.title("Jobs")
st.caption("What the scheduler does, in the organisation's time zone.")
show_board()
