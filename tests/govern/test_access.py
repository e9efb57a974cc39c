"""Access: what a token, a password and a session open, and what they do not."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from clocks import SetClock

from barograph.core.errors import AccessError, ConflictError, ForbiddenError, SettingError
from barograph.govern.access import (
    PERMISSIONS,
    ROLES,
    Authenticator,
    Buckets,
    Principal,
    add_user,
    check_password,
    csrf_holds,
    disable_user,
    enable_user,
    end_session,
    first_token,
    log_in,
    log_in_by_token,
    mint_token,
    principal_of,
    require,
    revoke_token,
    session_of,
    set_password,
    set_role,
    token_rows,
    user_rows,
)
from barograph.govern.storage import Database, open_database
from barograph.govern.tables import tokens, users

PASSWORD = "five words are long enough"


def test_a_token_opens_as_its_owner(database: Database) -> None:
    add_user(database, "anna", "developer", by="admin")
    token = mint_token(database, "anna", by="admin", label="notebook")
    principal = principal_of(database, token)
    assert (principal.name, principal.role) == ("anna", "developer")
    assert principal.key == token.split("_")[1]


def test_no_secret_is_kept(database: Database) -> None:
    add_user(database, "anna", "developer", by="admin", password=PASSWORD)
    token = mint_token(database, "anna", by="admin")
    secret = token.split("_", 2)[2]

    def everything(connection: sa.Connection) -> str:
        return repr([connection.execute(sa.select(table)).all() for table in (users, tokens)])

    kept = database.read(everything)
    assert secret not in kept
    assert PASSWORD not in kept
    assert "secret_hash" not in token_rows(database)[0]
    assert "password" not in user_rows(database)[0]


def spoilt(token: str) -> list[str]:
    head, identity, secret = token.split("_", 2)
    other = "A" if secret[-1] != "A" else "B"
    return [
        "",
        "nonsense",
        identity,
        token + "A",
        f"{head}_{identity}_{secret[:-1]}{other}",
        f"{head}_{'0' * 16}_{secret}",
        f"{head}_{identity}_",
        token.upper(),
        f"{head}_{identity}_' OR 1=1 --",
    ]


def test_what_is_not_the_token_opens_nothing(database: Database) -> None:
    add_user(database, "anna", "viewer", by="admin")
    for wrong in spoilt(mint_token(database, "anna", by="admin")):
        with pytest.raises(AccessError, match="a token that is valid"):
            principal_of(database, wrong)


def test_a_token_ends_when_it_expires_or_is_revoked(database: Database, clock: SetClock) -> None:
    add_user(database, "anna", "viewer", by="admin")
    old, revoked = (mint_token(database, "anna", by="admin", days=days) for days in (1, 9))
    clock.go(hours=23)
    principal_of(database, old)
    revoke_token(database, principal_of(database, revoked).key)
    clock.go(hours=1)
    for token in (old, revoked):
        with pytest.raises(AccessError):
            principal_of(database, token)


def test_revoking_twice_keeps_the_first_instant_and_an_unknown_id_is_said(
    database: Database, clock: SetClock
) -> None:
    add_user(database, "anna", "viewer", by="admin")
    key = principal_of(database, mint_token(database, "anna", by="admin")).key
    revoke_token(database, key)
    first = token_rows(database)[0]["revoked_at"]
    clock.go(hours=1)
    revoke_token(database, key)
    assert token_rows(database)[0]["revoked_at"] == first
    with pytest.raises(ConflictError, match="there is no 'nothing'"):
        revoke_token(database, "nothing")


def test_the_last_use_is_noted_once_a_minute(database: Database, clock: SetClock) -> None:
    add_user(database, "anna", "viewer", by="admin")
    token = mint_token(database, "anna", by="admin")
    began = clock.at
    for seconds, noted in ((0, 0), (59, 0), (1, 60)):
        clock.go(seconds=seconds)
        principal_of(database, token)
        assert token_rows(database)[0]["last_used_at"] == began + dt.timedelta(seconds=noted)


def test_a_disabled_user_is_out_everywhere(database: Database) -> None:
    add_user(database, "anna", "viewer", by="admin", password=PASSWORD)
    token, session = mint_token(database, "anna", by="admin"), log_in(database, "anna", PASSWORD)
    disable_user(database, "anna")
    with pytest.raises(AccessError):
        principal_of(database, token)
    with pytest.raises(AccessError):
        session_of(database, session.cookie)
    with pytest.raises(AccessError):
        log_in(database, "anna", PASSWORD)
    with pytest.raises(ConflictError, match="there is no 'anna'"):
        mint_token(database, "anna", by="admin")
    with pytest.raises(ConflictError):
        add_user(database, "anna", "admin", by="admin")


def test_a_user_who_is_let_in_again_has_their_password_and_no_old_token(database: Database) -> None:
    add_user(database, "anna", "viewer", by="admin", password=PASSWORD)
    token = mint_token(database, "anna", by="admin")
    disable_user(database, "anna")
    enable_user(database, "anna")
    assert log_in(database, "anna", PASSWORD).principal.role == "viewer"
    with pytest.raises(AccessError):
        principal_of(database, token)
    assert principal_of(database, mint_token(database, "anna", by="admin")).name == "anna"
    with pytest.raises(ConflictError, match="there is no 'ben'"):
        enable_user(database, "ben")


def test_the_last_admin_stays_one(database: Database) -> None:
    first_token(database)  # whose user is an admin that nobody is
    add_user(database, "anna", "admin", by="first-start")
    for change in (lambda: disable_user(database, "anna"), lambda: set_role(database, "anna", "viewer")):
        with pytest.raises(ConflictError, match="'anna' is the last one"):
            change()
    add_user(database, "ben", "admin", by="anna")
    disable_user(database, "anna")
    with pytest.raises(ConflictError, match="'ben' is the last one"):
        set_role(database, "ben", "viewer")


def test_a_token_never_allows_more_than_its_owner(database: Database) -> None:
    add_user(database, "anna", "developer", by="admin")
    with pytest.raises(SettingError, match="more than its owner"):
        mint_token(database, "anna", by="admin", role="approver")
    token = mint_token(database, "anna", by="admin", role="scorer")
    assert principal_of(database, token).role == "scorer"
    set_role(database, "anna", "viewer")
    assert principal_of(database, token).role == "viewer"


def test_a_password_is_that_of_its_user_only(database: Database) -> None:
    add_user(database, "anna", "viewer", by="admin", password=PASSWORD)
    add_user(database, "robot", "scorer", by="admin")
    assert check_password(database, "anna", PASSWORD) == "viewer"
    for name, password in (
        ("anna", PASSWORD + "!"),
        ("robot", ""),
        ("robot", PASSWORD),
        ("nobody", PASSWORD),
    ):
        with pytest.raises(AccessError, match="name and password must be"):
            check_password(database, name, password)


def test_two_users_of_one_password_are_not_seen_to_have_it(database: Database) -> None:
    for name in ("anna", "ben"):
        add_user(database, name, "viewer", by="admin", password=PASSWORD)
    kept = database.read(lambda c: c.scalars(sa.select(users.c.password)).all())
    assert len(set(kept)) == 2
    assert all(one.startswith("scrypt$32768$8$1$") for one in kept)


@pytest.mark.parametrize("name", ["", "Anna", "an na", "anna\n", "x" * 101, "-a", "<b>", "анна"])
def test_a_name_is_written_in_one_way_only(database: Database, name: str) -> None:
    with pytest.raises(SettingError, match="small letters"):
        add_user(database, name, "viewer", by="admin")


def test_a_short_password_an_unknown_role_and_odd_days_are_refused(database: Database) -> None:
    with pytest.raises(SettingError, match="12 to 1024"):
        add_user(database, "anna", "viewer", by="admin", password="short")
    with pytest.raises(SettingError, match="Did you mean 'viewer'"):
        add_user(database, "anna", "viewers", by="admin")
    add_user(database, "anna", "viewer", by="admin")
    with pytest.raises(SettingError, match="1 to 730 days"):
        mint_token(database, "anna", by="admin", days=0)


def test_a_session_lasts_an_hour_unused_half_a_day_used_or_until_it_is_ended(
    database: Database, clock: SetClock
) -> None:
    add_user(database, "anna", "approver", by="admin", password=PASSWORD)
    session, other, left = (log_in(database, "anna", PASSWORD) for _ in range(3))
    assert session_of(database, session.cookie) == session
    end_session(database, other.cookie)
    end_session(database, "nothing")
    for _ in range(23):
        clock.go(minutes=31)
        assert session_of(database, session.cookie).principal == session.principal
    for one in (other, left):
        with pytest.raises(AccessError, match="a session must be open"):
            session_of(database, one.cookie)
    clock.go(minutes=6)
    assert session_of(database, session.cookie)
    clock.go(minutes=10)
    with pytest.raises(AccessError, match="a session must be open"):
        session_of(database, session.cookie)


def test_what_a_page_does_by_itself_does_not_keep_a_session_open(database: Database, clock: SetClock) -> None:
    add_user(database, "anna", "viewer", by="admin", password=PASSWORD)
    session = log_in(database, "anna", PASSWORD)
    clock.go(minutes=59)
    assert session_of(database, session.cookie, used=False)
    clock.go(minutes=1)
    with pytest.raises(AccessError):
        session_of(database, session.cookie)


def test_a_session_of_a_token_has_its_role_and_ends_with_it(database: Database) -> None:
    add_user(database, "anna", "developer", by="admin")
    token = mint_token(database, "anna", by="admin", role="scorer")
    session = log_in_by_token(database, token)
    assert session_of(database, session.cookie).principal == session.principal
    assert (session.principal.name, session.principal.role) == ("anna", "scorer")
    revoke_token(database, token.split("_")[1])
    with pytest.raises(AccessError):
        session_of(database, session.cookie)
    with pytest.raises(AccessError):
        log_in_by_token(database, token)


@pytest.mark.parametrize("change", ["password", "role"])
def test_a_new_password_or_role_ends_the_sessions(database: Database, change: str) -> None:
    add_user(database, "anna", "viewer", by="admin", password=PASSWORD)
    session = log_in(database, "anna", PASSWORD)
    if change == "password":
        set_password(database, "anna", "another one that is long")
    else:
        set_role(database, "anna", "admin")
    with pytest.raises(AccessError):
        session_of(database, session.cookie)


def test_a_form_needs_the_mark_of_its_own_session(database: Database) -> None:
    add_user(database, "anna", "viewer", by="admin", password=PASSWORD)
    session, other = log_in(database, "anna", PASSWORD), log_in(database, "anna", PASSWORD)
    csrf_holds(session, session.csrf)
    for wrong in ("", other.csrf, session.cookie, "é"):
        with pytest.raises(ForbiddenError, match="our own page"):
            csrf_holds(session, wrong)


def test_the_first_start_shows_one_token_to_one_process(database: Database, url: str) -> None:
    others = [open_database(url, clock=database.clock) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        shown = [token for token in pool.map(first_token, others) if token]
    for other in others:
        other.close()
    assert len(shown) == 1
    assert principal_of(database, shown[0]).role == "admin"
    assert first_token(database) is None


def test_the_first_token_runs_out_and_is_shown_anew(database: Database, clock: SetClock) -> None:
    first = first_token(database)
    clock.go(hours=24)
    second = first_token(database)
    assert first
    assert second
    with pytest.raises(AccessError):
        principal_of(database, first)
    assert principal_of(database, second).role == "admin"


@pytest.mark.parametrize("way", ["password", "token"])
def test_the_first_token_ends_with_the_first_real_admin(database: Database, way: str) -> None:
    first = first_token(database)
    assert first
    add_user(database, "dora", "admin", by="first-start", password=PASSWORD if way == "password" else None)
    if way == "token":
        principal_of(database, first)
        mint_token(database, "dora", by="first-start")
    with pytest.raises(AccessError):
        principal_of(database, first)
    assert first_token(database) is None


@pytest.mark.parametrize("last", ["password", "role"])
def test_the_first_token_ends_with_a_user_who_becomes_a_real_admin(database: Database, last: str) -> None:
    first = first_token(database)
    assert first
    add_user(database, "dora", "viewer", by="first-start")
    if last == "password":
        set_role(database, "dora", "admin")
    else:
        set_password(database, "dora", PASSWORD)
    assert principal_of(database, first).role == "admin"  # nobody else gets in as admin yet
    if last == "password":
        set_password(database, "dora", PASSWORD)
    else:
        set_role(database, "dora", "admin")
    with pytest.raises(AccessError):
        principal_of(database, first)


def test_every_role_may_read_and_only_an_admin_everything() -> None:
    assert set(PERMISSIONS) == set(ROLES)
    assert all("read" in allowed for allowed in PERMISSIONS.values())
    assert [role for role in ROLES if "manage_access" in PERMISSIONS[role]] == ["admin"]
    assert "approve" not in PERMISSIONS["developer"]
    assert "propose" not in PERMISSIONS["approver"]


def test_who_may_not_is_told_who_may() -> None:
    require(Principal("anna", "approver", "k"), "approve")
    with pytest.raises(ForbiddenError, match="'approve' is for approver or admin") as error:
        require(Principal("ben", "developer", "k"), "approve")
    assert "'ben' asks as developer" in str(error.value)


def test_a_bucket_empties_and_refills_at_its_rate() -> None:
    at = [0.0]
    buckets = Buckets(2.0, 4.0, seconds=lambda: at[0])
    assert [buckets.take("a") for _ in range(5)] == [0.0] * 4 + [0.5]
    assert buckets.take("b") == 0.0
    at[0] = 0.5
    assert [buckets.take("a"), buckets.take("a")] == [0.0, 0.5]
    at[0] = 100.0
    assert [buckets.take("a") for _ in range(5)] == [0.0] * 4 + [0.5]
    assert buckets.take("a", 5.0) == float("inf")


def test_buckets_stay_few() -> None:
    buckets = Buckets(1.0, 1.0, most=3, seconds=lambda: 0.0)
    assert [buckets.take(key) for key in "abcd"] == [0.0] * 4
    assert buckets.take("d") == 1.0
    assert buckets.take("a") == 0.0  # forgotten, so full again


def test_a_bucket_never_gives_more_than_it_holds_to_threads_that_race() -> None:
    buckets = Buckets(1.0, 100.0, seconds=lambda: 0.0)
    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda _: buckets.take("a"), range(300)))
    assert given.count(0.0) == 100


def test_a_token_is_believed_for_some_seconds_and_then_asked_about_again(database: Database) -> None:
    add_user(database, "anna", "viewer", by="admin")
    token = mint_token(database, "anna", by="admin")
    at = [0.0]
    authenticator = Authenticator(database, believed=5.0, seconds=lambda: at[0])
    assert authenticator.known(token) is None
    principal = authenticator.principal(token)
    revoke_token(database, principal.key)
    at[0] = 4.9
    assert authenticator.known(token) == principal == authenticator.principal(token)
    at[0] = 5.0
    assert authenticator.known(token) is None
    with pytest.raises(AccessError):
        authenticator.principal(token)
    with pytest.raises(AccessError):
        authenticator.principal("bg_nothing")


def test_an_authenticator_that_forgets_asks_at_once(database: Database) -> None:
    add_user(database, "anna", "viewer", by="admin")
    token = mint_token(database, "anna", by="admin")
    authenticator = Authenticator(database)
    revoke_token(database, authenticator.principal(token).key)
    authenticator.forget()
    with pytest.raises(AccessError):
        authenticator.principal(token)
