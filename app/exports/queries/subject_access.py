"""SQL queries for all data held about one donor, table by table with all columns."""

from typing import Any

from sqlalchemy import text

from app.db import Session

# name of each part of the file → query of its rows
PARTS = {
    "donor": "select * from donor where id = :id",
    "emails": "select * from donor_email where donor_id = :id order by id",
    "phones": "select * from donor_phone where donor_id = :id order by id",
    "addresses": "select * from donor_address where donor_id = :id order by id",
    "ids_elsewhere": "select * from donor_external_id where donor_id = :id order by 1, 2",
    "tags": "select t.name from donor_tag k join tag t on t.id = k.tag_id where k.donor_id = :id"
    " order by t.name",
    "consents": "select * from donor_consent where donor_id = :id order by id",
    "gifts": "select g.*, f.name as fund from gift g left join fund f on f.id = g.fund_id"
    " where g.donor_id = :id order by g.id",
    "gift_parts": "select l.*, f.name as fund from gift_line l left join fund f"
    " on f.id = l.fund_id where l.donor_id = :id order by l.id",
    "pledges": "select p.*, f.name as fund from pledge p left join fund f on f.id = p.fund_id"
    " where p.donor_id = :id order by p.id",
    "pledge_amounts": "select * from pledge_amount where donor_id = :id order by 1",
    "pledge_pauses": "select * from pledge_pause where donor_id = :id order by 1",
    "pledge_terms": "select * from pledge_terms where donor_id = :id order by 1, 2",
    "pledge_refusals": "select * from pledge_refusal where donor_id = :id order by 1, 2",
    "pledge_skips": "select * from pledge_skip where donor_id = :id order by 1",
    "relations": "select * from donor_relation where :id in (donor_id, other_id) order by id",
    "credits": "select * from soft_credit where donor_id = :id order by 1",
    "contacts": "select c.*, u.name as by_name from contact_log c left join app_user u"
    " on u.id = c.by_id where c.donor_id = :id order by c.id",
    "tasks": "select * from task where donor_id = :id order by id",
    "requests": "select r.*, u.name as by_name from care_request r left join app_user u"
    " on u.id = r.created_by where r.donor_id = :id order by r.id",
    "alerts": "select * from alert where donor_id = :id order by id",
    "rhythm": "select * from donor_rhythm where donor_id = :id",
    "what_happened": "select a.*, u.name as who from activity a left join app_user u"
    " on u.id = a.actor_id where a.donor_id = :id order by a.id",
    "before_imports": "select * from import_change where (table_name = 'donor' and row_id = :id)"
    + "".join(
        f" or (table_name = '{table}' and row_id in (select id from {table} where donor_id = :id))"
        for table in ("donor_email", "donor_phone", "donor_address", "gift", "pledge")
    )
    + " order by run_id, table_name, row_id",
    "looks": "select l.at, u.name as who, l.how from donor_access l left join app_user u"
    " on u.id = l.user_id where l.donor_id = :id order by l.id",
}


def rows(db: Session, part: str, *, donor_id: int) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the columns of a part, and its rows as JSON values."""
    statement = f"select to_jsonb(part) from ({PARTS[part]}) part"
    values = {"id": donor_id}
    part_rows = list(db.scalars(text(statement), values))
    empty = db.execute(text(f"select * from ({PARTS[part]}) part limit 0"), values)
    return list(empty.keys()), part_rows
