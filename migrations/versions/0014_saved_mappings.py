"""Give saved column mappings a name, an owner and a choice to share them.

A layout was a chain of rows, each with the name and the kind of the whole, seen by everybody.
The mapping is now a row of its own (`saved_mapping`) and its versions refer to it
(`saved_mapping_version`). Mappings of before stay shared; the user who made the first version
owns them.

`mapping_preset` held a user's last choices for a file, also after they were saved as a layout. As
`mapping_draft` it holds only what is not saved: choices that the newest saved version for the
same headers repeats are removed.

Revision ID: 0014_saved_mappings
Revises: 0013_row_level_security
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.columns import now, reference

revision = "0014_saved_mappings"
down_revision = "0013_row_level_security"
branch_labels = None
depends_on = None

MAPPINGS = """
insert into saved_mapping (id, user_id, name, kind, shared, used_at, created_at, updated_at)
select newest.origin, first.made_by, newest.name, newest.kind, true, newest.created_at,
       first.created_at, newest.updated_at
from (
    select distinct on (coalesce(origin, id)) coalesce(origin, id) as origin,
           name, kind, created_at, updated_at
    from import_layout order by coalesce(origin, id), version desc
) newest
join import_layout first on first.id = newest.origin
"""
VERSIONS = """
insert into saved_mapping_version
    (id, mapping_id, version, header_key, headers, mapping, words, made_by, created_at, updated_at)
select id, coalesce(origin, id), version, header_key, headers, mapping, words, made_by,
       created_at, updated_at
from import_layout
"""
# what is saved already, as everybody reads it from the newest version for these headers
REPEATED = """
delete from mapping_draft d using (
    select distinct on (v.header_key, m.kind) v.header_key, m.kind, v.mapping, v.words
    from saved_mapping_version v join saved_mapping m on m.id = v.mapping_id
    order by v.header_key, m.kind, v.id desc
) saved
where saved.header_key = d.header_key and saved.kind = d.kind
  and saved.mapping = d.mapping and saved.words = d.words
"""
# private mappings become their owners' last choices, so that nobody else reads them
LAYOUTS = """
insert into import_layout (id, origin, version, name, header_key, headers, kind, mapping, words,
                           made_by, created_at, updated_at)
select v.id, min(v.id) over (partition by m.id), row_number() over (partition by m.id order by v.id),
       m.name, v.header_key, v.headers, m.kind, v.mapping, v.words, v.made_by, v.created_at,
       v.updated_at
from saved_mapping_version v join saved_mapping m on m.id = v.mapping_id
where m.shared
order by v.id
"""
PRESETS = """
insert into mapping_preset (user_id, name, header_key, kind, mapping, words, used_at)
select distinct on (m.user_id, v.header_key, m.kind)
       m.user_id, m.name, v.header_key, m.kind, v.mapping, v.words, m.used_at
from saved_mapping_version v join saved_mapping m on m.id = v.mapping_id
where not m.shared and m.user_id is not null
order by m.user_id, v.header_key, m.kind, v.id desc
on conflict (user_id, header_key, kind) do nothing
"""
NEXT_ID = """
select setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 0) + 1, false)
from {table}
"""


def upgrade() -> None:
    _create_mappings()
    _create_versions()
    op.execute(MAPPINGS)
    op.execute(VERSIONS)
    for table in ("saved_mapping", "saved_mapping_version"):
        op.execute(NEXT_ID.format(table=table))
    op.drop_table("import_layout")
    _rename("mapping_preset", "mapping_draft")
    op.drop_column("mapping_draft", "name")
    op.execute(REPEATED)


def downgrade() -> None:
    op.add_column("mapping_draft", sa.Column("name", sa.Text, server_default="", nullable=False))
    op.alter_column("mapping_draft", "name", server_default=None)
    _rename("mapping_draft", "mapping_preset")
    _create_layouts()
    op.execute(LAYOUTS)
    op.execute(NEXT_ID.format(table="import_layout"))
    op.execute(PRESETS)
    op.drop_table("saved_mapping_version")
    op.drop_table("saved_mapping")


def _words() -> sa.Column[object]:
    return sa.Column(
        "words", postgresql.JSONB, server_default=sa.text("'{}'::jsonb"), nullable=False
    )


def _create_mappings() -> None:
    op.create_table(
        "saved_mapping",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("shared", sa.Boolean, server_default="false", nullable=False),
        now("used_at"),
        now("created_at"),
        now("updated_at"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_mapping"),
        reference("saved_mapping", "user_id", "app_user", "SET NULL"),
    )


def _create_versions() -> None:
    op.create_table(
        "saved_mapping_version",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("mapping_id", sa.BigInteger, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("header_key", sa.Text, nullable=False),
        sa.Column("headers", postgresql.JSONB, nullable=False),
        sa.Column("mapping", postgresql.JSONB, nullable=False),
        _words(),
        sa.Column("made_by", sa.BigInteger),
        now("created_at"),
        now("updated_at"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_mapping_version"),
        reference("saved_mapping_version", "mapping_id", "saved_mapping", "CASCADE"),
        reference("saved_mapping_version", "made_by", "app_user", "SET NULL"),
    )
    op.create_index("ix_saved_mapping_version_header_key", "saved_mapping_version", ["header_key"])
    op.create_index(
        "uq_saved_mapping_version",
        "saved_mapping_version",
        ["mapping_id", "version"],
        unique=True,
    )


def _create_layouts() -> None:
    op.create_table(
        "import_layout",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("origin", sa.BigInteger),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("header_key", sa.Text, nullable=False),
        sa.Column("headers", postgresql.JSONB, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("mapping", postgresql.JSONB, nullable=False),
        _words(),
        sa.Column("made_by", sa.BigInteger),
        now("created_at"),
        now("updated_at"),
        sa.PrimaryKeyConstraint("id", name="pk_import_layout"),
        reference("import_layout", "origin", "import_layout", "CASCADE"),
        reference("import_layout", "made_by", "app_user", "SET NULL"),
    )
    op.create_index("ix_import_layout_header_key", "import_layout", ["header_key"])
    op.create_index(
        "uq_import_layout_version", "import_layout", ["origin", "version"], unique=True
    )


def _rename(old: str, new: str) -> None:
    """Rename the table of drafts with its sequence, index and constraints."""
    op.rename_table(old, new)
    op.execute(f"alter sequence {old}_id_seq rename to {new}_id_seq")
    op.execute(f"alter index uq_{old} rename to uq_{new}")
    for prefix, suffix in (("pk", ""), ("fk", "_user_id_app_user")):
        op.execute(
            f"alter table {new} rename constraint {prefix}_{old}{suffix} to {prefix}_{new}{suffix}"
        )
