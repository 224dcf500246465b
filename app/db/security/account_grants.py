"""Privileges on the tables of authentication: accounts, sessions, tokens, codes, teams.

The roles of row-level security may read these tables, because a session or token is looked up
before its user is known. What they may write is listed here by column and by row, so that a
statement that runs as a fundraiser cannot make an account an administrator, sign in as another
user or join a team. Sign-ins, refreshes and first passwords are written by the owning role.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.db.models import Base
from app.db.security.role_names import COACH, EVERYONE, PERSON, ROLES

ME, ADMIN = "(select rls_user())", "(select rls_admin())"
ROLE = "(select current_setting('app.role', true))"
SUPERVISOR = f"{ROLE} = 'supervisor'"
# a transaction begins without a user, and records that a session or token was used
OWN = f"({ME} is null or user_id = {ME} or {ADMIN})"
NEVER_CAME = "last_sign_in_at is null and password_changed_at is null"
INVITED = f"invited_by = {ME} and role = 'fundraiser' and {NEVER_CAME} and {SUPERVISOR}"
# a user whose invitation was withdrawn may be invited by another supervisor
INVITABLE = f"role = 'fundraiser' and {NEVER_CAME} and (not active or invited_by = {ME})"
OF_INVITED = f"exists (select from app_user u where u.id = {{column}} and u.{INVITED})"

# columns of an account: those its user may change, those an inviting supervisor may change, and
# the rest, which only administrators may change
SELF = frozenset(
    {
        "access_version",
        "alert_channels",
        "locale",
        "name",
        "password_changed_at",
        "password_hash",
        "quiet_from",
        "quiet_until",
        "summary_hour",
        "summary_on",
        "summary_weekday",
        "time_zone",
        "updated_at",
        "version",
    }
)
INVITING = frozenset({"active", "invited_by"})
ADMINISTRATORS = frozenset({"created_at", "email", "id", "last_sign_in_at", "role"})
SECRETS = frozenset(
    {
        "code_hash",
        "created_at",
        "expires_at",
        "id",
        "previous_hash",
        "purpose",
        "rotated_at",
        "scopes",
        "token_hash",
        "user_id",
    }
)


@dataclass(frozen=True, slots=True)
class Right:
    """One verb of some roles on a table: which rows, and for an update which columns.

    Empty `columns` means all columns. `rows` is the USING condition (existing rows), `check` the
    WITH CHECK condition (new rows), by default the same.
    """

    roles: tuple[str, ...]
    verb: str
    rows: str
    columns: frozenset[str] = frozenset()
    check: str = ""

    def statements(self, table: str, name: str) -> Iterator[str]:
        """Yield the SQL of the grant and of the policy."""
        columns = f" ({', '.join(sorted(self.columns))})" if self.columns else ""
        roles = ", ".join(self.roles)
        using = "" if self.verb == "insert" else f" using ({self.rows})"
        check = self.check or self.rows
        with_check = f" with check ({check})" if self.verb in {"insert", "update"} else ""
        yield f"grant {self.verb}{columns} on {table} to {roles}"
        yield f"create policy {name} on {table} for {self.verb} to {roles}{using}{with_check}"


def _except(table: str, secret: frozenset[str]) -> frozenset[str]:
    return frozenset(Base.metadata.tables[table].columns.keys()) - secret


MINE = f"id = {ME}"
INVITING_NOW = f"{INVITED} and id <> {ME}"
CHALLENGE = f"purpose = 'passkey_add' and user_id = {ME}"
# what the roles may write, by table; everything else only the owning role may write
RIGHTS: Mapping[str, tuple[Right, ...]] = {
    "app_user": (
        Right((PERSON,), "insert", f"{INVITING_NOW} and password_hash is null"),
        Right((EVERYONE,), "insert", ADMIN),
        Right(
            (PERSON,),
            "update",
            f"{MINE} or ({SUPERVISOR} and {INVITABLE})",
            SELF | INVITING,
            f"({MINE} and active) or ({INVITING_NOW} and password_hash is null)",
        ),
        Right((COACH,), "update", MINE, SELF),
        Right(
            (EVERYONE,),
            "update",
            f"{MINE} or {ADMIN}",
            check=f"{ADMIN} or ({MINE} and role = {ROLE} and active)",
        ),
    ),
    "team_member": (
        Right(
            (PERSON,),
            "insert",
            f"lead_id = {ME} and kind = 'supervisor' and " + OF_INVITED.format(column="member_id"),
        ),
        Right((EVERYONE,), "insert", ADMIN),
        Right((EVERYONE,), "delete", ADMIN),
    ),
    "session": (Right(ROLES, "update", OWN, _except("session", SECRETS)),),
    "token_family": (Right(ROLES, "update", OWN, _except("token_family", SECRETS)),),
    "api_token": (
        Right(ROLES, "insert", f"user_id = {ME}"),
        Right(ROLES, "update", OWN, _except("api_token", SECRETS)),
    ),
    "one_time_code": (
        Right(
            (PERSON,),
            "insert",
            f"purpose = 'invitation' and {OF_INVITED.format(column='user_id')}",
        ),
        Right((EVERYONE,), "insert", f"purpose = 'invitation' and {ADMIN}"),
        # the challenge for the registration of a passkey
        Right(ROLES, "insert", CHALLENGE),
        Right(ROLES, "update", CHALLENGE, frozenset({"used_at"})),
        Right((PERSON,), "delete", f"user_id = {ME} or {OF_INVITED.format(column='user_id')}"),
        Right((COACH, EVERYONE), "delete", f"user_id = {ME} or {ADMIN}"),
    ),
    "organisation": (
        Right((EVERYONE,), "insert", ADMIN),
        Right((EVERYONE,), "update", ADMIN),
    ),
    # wrong passwords inside a session are counted; a new password ends the delay
    "sign_in_try": (
        Right(ROLES, "insert", "true"),
        Right(ROLES, "update", "true", frozenset({"failed", "blocked_until", "seen_at"})),
        Right(ROLES, "delete", "true"),
    ),
}


def statements() -> list[str]:
    """Return the SQL for `row_level_security.build`.

    It runs after `build` has granted everything and dropped all policies.
    """
    roles = ", ".join(ROLES)
    sql = []
    for table, rights in RIGHTS.items():
        sql.append(f"revoke insert, update, delete on {table} from {roles}")
        sql.append(f"alter table {table} enable row level security")
        sql.append(f"create policy rls_{table}_read on {table} for select to {roles} using (true)")
        for number, right in enumerate(rights):
            sql += right.statements(table, f"rls_{table}_{number}")
    return sql
