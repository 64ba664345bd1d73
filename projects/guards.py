"""Database guards: rules that no constraint can say, as triggers, for both databases.

A guard is part of a migration. SQLite drops a table's triggers when a later migration rebuilds
the table; tests/projects/test_guards.py notices, and that migration must install them again.
"""

from typing import Any

from django.db import migrations

APPEND_ONLY = "rows of this table are never changed or deleted"


def _run(statements: dict[str, list[str]]) -> Any:
    def execute(apps: Any, schema_editor: Any) -> None:
        for statement in statements[schema_editor.connection.vendor]:
            schema_editor.execute(statement, params=None)

    return execute


def refuse(name: str, *, table: str, on: list[str], when: str, saying: str) -> migrations.RunPython:
    """Refuse an INSERT, UPDATE or DELETE with a sentence when a condition over NEW or OLD holds.

    `when` is SQL that both databases read; `MATCHES(a, b)` in it stands for "a matches the
    regular expression b".
    """
    create_sqlite = [
        f"CREATE TRIGGER {name}_{event.lower()} BEFORE {event} ON {table} FOR EACH ROW "
        f"WHEN {_regexp(when, 'sqlite')} BEGIN SELECT RAISE(ABORT, '{saying}'); END"
        for event in on
    ]
    create_postgresql = [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_regexp(when, 'postgresql')} THEN RAISE EXCEPTION '{saying}' "
        f"USING ERRCODE = 'integrity_constraint_violation'; END IF; "
        f"IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
        f"CREATE TRIGGER {name} BEFORE {' OR '.join(on)} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]
    drop_sqlite = [f"DROP TRIGGER IF EXISTS {name}_{event.lower()}" for event in on]
    drop_postgresql = [f"DROP TRIGGER {name} ON {table}", f"DROP FUNCTION {name}()"]
    return migrations.RunPython(
        _run({"sqlite": create_sqlite, "postgresql": create_postgresql}),
        _run({"sqlite": drop_sqlite, "postgresql": drop_postgresql}),
    )


def lift(guard: migrations.RunPython) -> migrations.RunPython:
    """Take a guard away again, so that a later migration can put another in its place."""
    return migrations.RunPython(guard.reverse_code or migrations.RunPython.noop, guard.code)


def _regexp(condition: str, vendor: str) -> str:
    """Write `MATCHES(a, b)` as the operator that the database has."""
    operator = {"sqlite": " REGEXP ", "postgresql": " ~ "}[vendor]
    while "MATCHES(" in condition:
        before, rest = condition.split("MATCHES(", 1)
        depth, comma = 1, 0
        for end, sign in enumerate(rest):
            depth += {"(": 1, ")": -1}.get(sign, 0)
            if sign == "," and depth == 1:
                comma = end
            if depth == 0:
                break
        left, right = rest[:comma].strip(), rest[comma + 1 : end].strip()
        condition = f"{before}({left}{operator}{right}){rest[end + 1 :]}"
    return condition
