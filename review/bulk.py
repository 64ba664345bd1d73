"""Many rows written at once, in the way that each database is quickest at.

Django's bulk_create and bulk_update write the same and take several times as long, most of it
in composing the statement; a merge does this for some hundred rows every time.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model


def insert(table: str, columns: Sequence[str], rows: Iterable[tuple[int | str, ...]]) -> None:
    """Write new rows: COPY on PostgreSQL, one prepared statement on SQLite."""
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        places = ", ".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", list(rows))  # noqa: S608 - names of our own


def update(rows: Sequence[Model], columns: Sequence[str]) -> None:
    """Write some fields of rows that are there, all of one model; nothing for none."""
    if not rows:
        return
    meta = rows[0]._meta
    fields = [meta.get_field(name) for name in columns]
    changes = ", ".join(f"{field.column} = %s" for field in fields)  # type: ignore[union-attr]
    statement = f"UPDATE {meta.db_table} SET {changes} WHERE id = %s"  # noqa: S608 - names of our own
    values: list[tuple[Any, ...]] = [
        (
            *(
                field.get_db_prep_save(getattr(row, field.attname), connection)  # type: ignore[union-attr]
                for field in fields
            ),
            row.pk,
        )
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)
