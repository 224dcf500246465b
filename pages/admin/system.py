"""Screen of the system status: health, sizes, queues and versions."""

import platform
import shutil
from importlib.metadata import version

import streamlit as st

from app import VERSION, backups
from app.accounts import Role, require
from app.db import job_runs, replica, schema_revision, transaction_for_system
from app.db.monitoring import health, vitals
from app.settings import settings
from app.ui.admin import backup_status, system_status
from app.ui.admin.system_status import elapsed, size
from app.ui.base.formats import count, escape, moment, number
from app.ui.base.session import current_actor, now, today
from app.ui.widgets import tables

QUEUE_STATES = {"todo": "waiting", "doing": "at work", "failed": "failed"}

actor = current_actor()
require(actor, Role.ADMIN)
settings().data_dir.mkdir(parents=True, exist_ok=True)
disk = shutil.disk_usage(settings().data_dir)
at_head = schema_revision.at_head()
read_replica = replica.replica_status()
# the tables of the queue and the schema belong to the system, not to a user
with transaction_for_system(actor) as db:
    vitals_now, server = vitals.database_vitals(db), vitals.machine(db)
    nightly = job_runs.last(db, "backup")
    backup_state = backups.status(db)
    processes = [
        process
        for process in job_runs.processes(db)
        if (now() - process.at).total_seconds() < health.ALIVE_SECONDS
    ]

st.title("System")
st.caption("Status of the database, jobs, e-mail and backups.")
for trouble in system_status.problems(
    vitals_now, disk.free, backup_state, nightly, at_head=at_head, replica=read_replica
):
    st.warning(trouble, icon=":material/build:")
for trouble in backup_status.problems(backup_state):
    st.error(trouble, icon=":material/error:")
for advice in backup_status.advice(backup_state):
    st.info(advice, icon=":material/lightbulb:")
with st.container(horizontal=True, key="figures_system"):
    st.metric("Database", size(server.size), border=True)
    hits = "Share of pages that the database found in memory. Below 95 %, give it more memory."
    st.metric(
        "Found in memory", f"{number(server.hit_rate * 100, decimals=1)} %", border=True, help=hits
    )
    st.metric("Connections", f"{server.connections} of {server.most_connections}", border=True)
    st.metric("Disk left", size(disk.free), border=True)
left, right = st.columns(2)
with left, st.container(border=True, height="stretch"):
    st.subheader("Work")
    waiting = ", ".join(
        f"{number(vitals_now.queue[state])} {state_label}"
        for state, state_label in QUEUE_STATES.items()
        if vitals_now.queue.get(state)
    )
    st.markdown(f"**Queue** · {waiting or 'nothing waits'}")
    if vitals_now.oldest_task_seconds > health.ALIVE_SECONDS:
        st.markdown(f"The oldest task waits {elapsed(vitals_now.oldest_task_seconds)}.")
    mails = vitals_now.mails.get("queued", 0) + vitals_now.mails.get("sending", 0)
    sent = number(vitals_now.mails.get("sent", 0))
    st.markdown(f"**E-mail** · {count(mails, 'message')} waiting, {sent} sent")
    at_work = ", ".join(sorted(process.kind for process in processes)) or "none"
    st.markdown(f"**Processes alive** · {at_work}")
    st.markdown(f"**Last backup** · {system_status.last_backup(backup_state, nightly, actor)}")
    for line in backup_status.status_lines(backup_state, actor):
        st.markdown(line)
    st.markdown(
        f"**Dashboards** · {system_status.dashboard_hit_rate()}",
        help="Since this web process started. Results are cached until data changes.",
    )
    if read_replica is not None:
        st.markdown(f"**Database server** · {escape(read_replica.primary)}")
        st.markdown(
            f"**Read replica** · {system_status.replica_status(read_replica)}",
            help="Dashboards, lists and exports are read there once it has caught up.",
        )
    if redis := system_status.redis_status():
        st.markdown(f"**Redis** · {redis}")
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
        tables.text("Table", lambda table: table[0].replace("_", " ")),
        tables.text("Size", lambda table: size(table[1])),
        tables.number("Rows, about", lambda table: table[2]),
    ],
    key="biggest_tables",
    today=today(),
    alt="The biggest tables",
)
