"""System: is everything there, how big has it grown, what waits."""

import platform
import shutil
from importlib.metadata import version

import streamlit as st

from app import VERSION
from app.accounts import Role, require
from app.db import migrate, runs, transaction_for_system
from app.db.vitals import machine, vitals
from app.settings import settings
from app.ui import tables
from app.ui.formats import count, moment
from app.ui.session import current_actor, now, today

OLD_MAIL_SECONDS = 900
LEAST_DISK = 2_000_000_000
ALIVE_SECONDS = 60
UNITS = ("B", "kB", "MB", "GB", "TB")
CALLED = {"todo": "waiting", "doing": "at work", "failed": "failed"}


def size(value: float) -> str:
    """Spell a size: "12.4 MB"."""
    place = min((len(f"{int(value)}") - 1) // 3, len(UNITS) - 1)
    shown = f"{value / 1_000**place:,.1f}".removesuffix(".0")
    return f"{shown} {UNITS[place]}"


def lasted(seconds: float) -> str:
    """Spell how long something takes already: "40 seconds", "3 hours"."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * length:
            return count(int(seconds // length), unit)
    return count(int(seconds), "second")


def troubles() -> list[str]:
    """Say what an administrator should see to."""
    found = []
    beat = seen.health.heartbeat_age_seconds
    if beat is None or beat > ALIVE_SECONDS:
        found.append("No scheduler is alive. Start it with `python -m jobs`.")
    if (seen.health.oldest_mail_seconds or 0) > OLD_MAIL_SECONDS:
        found.append("E-mail is not being sent. Look into the Outbox for the reason.")
    if seen.health.failed_mails:
        found.append(f"{count(seen.health.failed_mails, 'e-mail')} failed. See Outbox.")
    if seen.queue.get("failed"):
        found.append(f"{count(seen.queue['failed'], 'task')} of the queue failed. See Jobs.")
    if disk.free < LEAST_DISK:
        found.append(f"Only {size(disk.free)} of disk are left for files.")
    if not settings().backup_to:
        found.append("No backup is made. Set BACKUP_TO to a folder or a bucket.")
    if not at_head:
        found.append("Migrations are missing. Run: python -m app db upgrade")
    return found


actor = current_actor()
require(actor, Role.ADMIN)
settings().data_dir.mkdir(parents=True, exist_ok=True)
disk = shutil.disk_usage(settings().data_dir)
at_head = migrate.at_head()
# the queue and the schema are the machine's own
with transaction_for_system() as db:
    seen, server = vitals(db), machine(db)
    processes = [
        one for one in runs.processes(db) if (now() - one.at).total_seconds() < ALIVE_SECONDS
    ]

st.title("System")
st.caption("How the machinery is doing. Nothing here is about donors.")
for trouble in troubles():
    st.warning(trouble, icon=":material/build:")
with st.container(horizontal=True, key="figures_system"):
    st.metric("Database", size(server.size), border=True)
    hits = "How often the database had a page at hand. Below 95 % give it more memory."
    st.metric("Found in memory", f"{server.hit_rate:.1%}", border=True, help=hits)
    st.metric("Connections", f"{server.connections} of {server.most_connections}", border=True)
    st.metric("Disk left", size(disk.free), border=True)
left, right = st.columns(2)
with left, st.container(border=True, height="stretch"):
    st.subheader("Work")
    waiting = ", ".join(
        f"{seen.queue[one]:,} {word}" for one, word in CALLED.items() if seen.queue.get(one)
    )
    st.markdown(f"**Queue** · {waiting or 'nothing waits'}")
    if seen.oldest_task_seconds > ALIVE_SECONDS:
        st.markdown(f"The oldest task waits {lasted(seen.oldest_task_seconds)}.")
    mails = seen.mails.get("queued", 0) + seen.mails.get("sending", 0)
    st.markdown(
        f"**E-mail** · {count(mails, 'message')} waiting, {seen.mails.get('sent', 0):,} sent"
    )
    at_work = ", ".join(sorted(one.kind for one in processes)) or "none"
    st.markdown(f"**Processes alive** · {at_work}")
with right, st.container(border=True, height="stretch"):
    st.subheader("Versions")
    since = moment(server.started_at, actor.time_zone, today=today()).removeprefix("on ")
    st.markdown(f"**DonorCRM** {VERSION} · schema {server.revision}")
    st.markdown(f"**PostgreSQL** {server.server} · running since {since}")
    st.markdown(f"**Python** {platform.python_version()} · **Streamlit** {version('streamlit')}")
st.subheader("Biggest tables")
tables.show(
    server.tables,
    [
        tables.text("Table", lambda one: one[0].replace("_", " ")),
        tables.text("Size", lambda one: size(one[1])),
        tables.number("Rows, about", lambda one: one[2]),
    ],
    key="biggest_tables", today=today(), height="content", alt="The biggest tables",
)  # fmt: skip
