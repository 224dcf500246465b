"""Commands for importing files and undoing imports: import and import-undo."""

import json
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from app import gifts, imports
from app.accounts import actor_by_email, organisation
from app.db import Session, transaction_for_system
from app.kit.errors import DonorCrmError, InvalidError
from app.kit.formatting import DEFAULT, count

KINDS = f"{', '.join(imports.KINDS[:-1])} or {imports.KINDS[-1]}"
_ANSWERS = {
    "kind": "--kind gifts, or --kind donors to leave these columns aside",
    "encoding": "--encoding",
    "date_order": "--date-order dmy or --date-order mdy",
    "decimal": "--decimal point or --decimal comma",
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import")(import_file)
    app.command("import-undo")(undo)


FileArguments = Annotated[
    list[Path],
    typer.Argument(
        help="A CSV file or a workbook (.xlsx, .xlsm, .xls, .ods); or several files of one "
        "system, which refer to each other."
    ),
]
Repeats = Annotated[
    bool, typer.Option("--repeats", help="Count identical rows as separate gifts.")
]
Source = Annotated[str, typer.Option(help="Names the system the ids come from.")]
Policies = Annotated[
    list[str] | None,
    typer.Option(
        help="What becomes of a field that is here already: notes=fill, overwrite or keep. "
        "Of gifts and pledges it is named as gift_note or pledge_day."
    ),
]
Encoding = Annotated[str | None, typer.Option(help=", ".join(imports.ENCODINGS))]
Separator = Annotated[str | None, typer.Option(help="comma, semicolon, tab or bar.")]
Header = Annotated[int | None, typer.Option(help="The row that names the columns; 0 for none.")]
Currency = Annotated[str | None, typer.Option(help="Of amounts that do not name theirs.")]
Fund = Annotated[str | None, typer.Option(help="Of rows that do not name theirs.")]
Method = Annotated[str | None, typer.Option(help="Of payments that do not name theirs.")]
Sheet = Annotated[str | None, typer.Option(help="The sheet of a workbook, by its name.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what it would do.")]
Together = Annotated[
    bool, typer.Option("--together", help="Undo all files that were imported with it.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def import_file(
    files: FileArguments,
    as_email: Annotated[str, typer.Option("--as", help="Who imports it.")],
    preset: Annotated[str | None, typer.Option(help="The format, if not recognised.")] = None,
    kind: Annotated[str | None, typer.Option(help=KINDS)] = None,
    date_order: Annotated[str | None, typer.Option(help="ymd, mdy or dmy.")] = None,
    decimal: Annotated[str | None, typer.Option(help="point or comma.")] = None,
    owner: Annotated[str | None, typer.Option(help="Who new donors belong to.")] = None,
    repeats: Repeats = False,  # noqa: FBT002
    source: Source = "file",
    policy: Policies = None,
    encoding: Encoding = None,
    separator: Separator = None,
    header: Header = None,
    currency: Currency = None,
    fund: Fund = None,
    method: Method = None,
    sheet: Sheet = None,
    dry_run: DryRun = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Import donors, gifts, pledges or funds, in one transaction, from one file or several."""
    _require_choices(kind, date_order, decimal)
    request = imports.ImportRequest(
        file_name=files[0].name,
        data=_read(files[0]),
        preset=preset,
        kind=kind,
        date_order=date_order,
        decimal=decimal,
        owner=owner,
        repeats=repeats,
        source=source,
        policies=dict(_policy(option) for option in policy or ()),
        reading=_reading(encoding, separator, header, sheet),
        currency=currency and currency.upper(),
        fund=fund,
        method=method,
    )
    _run(as_email, request, files, dry_run=dry_run, as_json=as_json)


def _run(
    as_email: str,
    first: imports.ImportRequest,
    files: list[Path],
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import one file, or several with the choices of the first one's request."""
    if len(files) == 1:
        shown = _shown(_import(as_email, first, dry_run=dry_run))
        _show(shown, _report(shown, dry=dry_run), as_json=as_json)
        return
    if first.kind or first.preset:
        sys.stderr.write("--kind and --preset go with one file.\n")
        raise typer.Exit(2)
    requests = [first]
    requests += [replace(first, file_name=each.name, data=_read(each)) for each in files[1:]]
    previews = _import_together(as_email, requests, dry_run=dry_run)
    listed = [{"file": preview.file_name, **_shown(preview)} for preview in previews]
    reports = [f"{each['file']}\n{_report(each, dry=dry_run)}" for each in listed]
    _show({"batch_id": previews[0].run_id, "files": listed}, "\n\n".join(reports), as_json=as_json)


def _shown(preview: imports.Preview) -> dict[str, Any]:
    return {"run_id": preview.run_id, **imports.as_json(preview.plan)}


def _show(shown: dict[str, Any], report: str, *, as_json: bool) -> None:
    typer.echo(json.dumps(shown, ensure_ascii=False) if as_json else report)


def undo(
    run: Annotated[int, typer.Argument(help="The number of the import.")],
    as_email: Annotated[str, typer.Option("--as", help="Who takes it back.")],
    together: Together = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Undo an import; records changed since the import stay as they are and are listed."""
    with transaction_for_system() as db:
        actor = actor_by_email(db, as_email)
        _, now = _clock(db)
        if together:
            batch_id = imports.get(db, actor, run_id=run).batch_id or run
            done = imports.undo_together(db, actor, batch_id=batch_id, now=now)
        else:
            done = (imports.undo(db, actor, run_id=run, now=now),)
    if as_json:
        listed = [{"run_id": each.run_id, "kept": list(each.kept)} for each in done]
        typer.echo(json.dumps({"files": listed} if together else listed[0]))
        return
    for each in done:
        typer.echo(f"Import {each.run_id} is undone.")
        for sentence in each.kept:
            typer.echo(f"Kept: {sentence}")


def _import(as_email: str, request: imports.ImportRequest, *, dry_run: bool) -> imports.Preview:
    with transaction_for_system() as db:
        actor = actor_by_email(db, as_email)
        today, now = _clock(db)
        try:
            if dry_run:
                return imports.preview(db, actor, request, today=today)
            return imports.import_file(db, actor, request, today=today, now=now)
        except imports.UndecidedError as error:
            raise InvalidError(_question(error)) from error


def _import_together(
    as_email: str, requests: list[imports.ImportRequest], *, dry_run: bool
) -> tuple[imports.Preview, ...]:
    """Import several files, or only plan them.

    Raises:
        InvalidError: a file cannot be planned; the message names each and says why.
    """
    with transaction_for_system() as db:
        actor = actor_by_email(db, as_email)
        today, now = _clock(db)
        work = imports.preview_together if dry_run else imports.import_together
        batch = work(db, actor, requests, today=today, now=now)
    if batch.batch_id is None:
        lines = [
            f"{file.file_name}: {_question(file.error)}" for file in batch.files if file.error
        ]
        raise InvalidError("\n".join([*lines, "Nothing was imported."]))
    return batch.previews


def _question(error: DonorCrmError) -> str:
    """Return the message of an error, with the options that answer its question."""
    if not isinstance(error, imports.UndecidedError):
        return str(error)
    answer = f"{_ANSWERS[error.question]} {' or '.join(error.choices)}".strip()
    return f"{error} Say which: {answer}."


def _clock(db: Session) -> tuple[date, datetime]:
    now = datetime.now(UTC)
    return now.astimezone(ZoneInfo(organisation(db).time_zone)).date(), now


def _reading(
    encoding: str | None, separator: str | None, header: int | None, sheet: str | None
) -> dict[str, str | int]:
    marks = {word.lower(): mark for mark, word in imports.SEPARATORS.items()}
    mark = None if separator is None else marks.get(separator.lower(), separator)
    overrides = {"encoding": encoding, "separator": mark, "header": header, "sheet": sheet}
    return {name: value for name, value in overrides.items() if value is not None}


def _read(file: Path) -> bytes:
    if not file.is_file():
        msg = f"There is no file {file}."
        raise InvalidError(msg)
    return file.read_bytes()


def _policy(option: str) -> tuple[str, str]:
    name, equals, policy = option.partition("=")
    if not equals:
        msg = f"“{option}” says no way. Write --policy notes=keep."
        raise InvalidError(msg)
    return name.strip(), policy.strip()


def _require_choices(kind: str | None, date_order: str | None, decimal: str | None) -> None:
    _require_choice("--kind", kind, imports.KINDS)
    _require_choice("--date-order", date_order, imports.DATE_ORDERS)
    _require_choice("--decimal", decimal, imports.DECIMALS)


def _require_choice(option: str, value: str | None, allowed: tuple[str, ...]) -> None:
    if value is not None and value not in allowed:
        sys.stderr.write(f"{option} must be one of {', '.join(allowed)}.\n")
        raise typer.Exit(2)


def _report(shown: dict[str, Any], *, dry: bool) -> str:
    would = "would be " if dry else ""
    summary = (
        f"Import {shown['run_id']} ({shown['preset']}, {shown['kind']}): "
        f"{count(shown['rows'], 'row')}, {shown['create']} {would}created, {shown['update']} "
        f"{would}updated, {shown['skip']} skipped, {shown['conflict']} in conflict, "
        f"{shown['error']} with errors."
    )
    lines = [summary]
    lines += [f"Sum: {amount} {currency}" for currency, amount in shown["sum"].items()]
    lines += [
        f"{gifts.awaiting_sentence(currency, number, locale=DEFAULT)}."
        for currency, number in shown["awaiting_rate"].items()
    ]
    lines += [f"Assumed: {sentence}" for sentence in shown["assumed"]]
    if shown["unused"]:
        lines.append(f"Unused columns: {', '.join(shown['unused'])}")
    lines += [
        f"Left as it is here, by --policy: {name} ({count(rows, 'row')})"
        for name, rows in shown["kept"].items()
    ]
    lines += [
        f"Row {problem['row']}, {problem['field']}: {problem['reason']}"
        for problem in shown["problems"][:50]
    ]
    lines += [
        f"Note on row {note['row']}, {note['field']}: {note['reason']}"
        for note in shown["notes"][:50]
    ]
    lines += [f"Row {row['row']} left out: {row['reason']}." for row in shown["left_out"][:20]]
    return "\n".join(lines)
