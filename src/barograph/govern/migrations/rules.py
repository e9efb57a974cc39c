"""Rules that the database itself keeps: triggers that refuse a row, in the words of both dialects.

A condition is SQL that both understand; the row to come is ``NEW``. What it refuses arrives as a violated
constraint (`sqlalchemy.exc.IntegrityError`), whoever wrote it and with whatever client.
"""

from __future__ import annotations

from dataclasses import dataclass

from alembic import op


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows that must not come in, and what to say of them."""

    broken: str  # SQL that holds for a row that breaks the rule
    words: str


def check_inserts(table: str, rules: tuple[Rule, ...]) -> None:
    """Refuse a new row that breaks a rule."""
    _trigger(table, "INSERT", rules)


def check_updates(table: str, rules: tuple[Rule, ...]) -> None:
    """Refuse a change that breaks a rule; the row as it was is ``OLD``."""
    _trigger(table, "UPDATE", rules)


def forbid_changes(table: str) -> None:
    """Rows are written once: no update, no delete, no truncation."""
    _trigger(table, "UPDATE", (Rule("1 = 1", f"rows of {table} are never changed"),))
    forbid_removal(table)


def forbid_removal(table: str) -> None:
    """Rows stay: no delete, no truncation."""
    _trigger(table, "DELETE", (Rule("1 = 1", f"rows of {table} are never deleted"),))
    if _postgresql():
        op.execute(
            f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_delete()"
        )


def _trigger(table: str, event: str, rules: tuple[Rule, ...]) -> None:
    name = f"{table}_{event.lower()}"
    if _postgresql():
        op.execute(_postgresql_function(name, event, rules))
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
        return
    checks = " ".join(f"SELECT RAISE(ABORT, '{_quoted(rule.words)}') WHERE {rule.broken};" for rule in rules)
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} BEGIN {checks} END")


def _postgresql_function(name: str, event: str, rules: tuple[Rule, ...]) -> str:
    checks = " ".join(
        f"IF {rule.broken} THEN RAISE EXCEPTION '{_quoted(rule.words)}' USING ERRCODE = 'check_violation'; "
        "END IF;"
        for rule in rules
    )
    kept = "OLD" if event == "DELETE" else "NEW"
    head = f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
    return f"{head} $$ BEGIN {checks} RETURN {kept}; END $$"


def _postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _quoted(text: str) -> str:
    return text.replace("'", "''")
