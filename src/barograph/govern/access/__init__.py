"""Who asks, and what they may: users, API tokens, sessions, roles, and how often a token may ask."""

from __future__ import annotations

from barograph.govern.access.authenticator import Authenticator
from barograph.govern.access.buckets import Buckets
from barograph.govern.access.first_start import first_token
from barograph.govern.access.roles import PERMISSIONS, ROLES, Permission, Principal, Role, require
from barograph.govern.access.sessions import (
    Session,
    csrf_holds,
    end_session,
    log_in,
    log_in_by_token,
    session_of,
)
from barograph.govern.access.tokens import mint_token, principal_of, revoke_token, token_rows
from barograph.govern.access.users import (
    add_user,
    check_password,
    disable_user,
    enable_user,
    set_password,
    set_role,
    user_rows,
)

__all__ = [
    "PERMISSIONS",
    "ROLES",
    "Authenticator",
    "Buckets",
    "Permission",
    "Principal",
    "Role",
    "Session",
    "add_user",
    "check_password",
    "csrf_holds",
    "disable_user",
    "enable_user",
    "end_session",
    "first_token",
    "log_in",
    "log_in_by_token",
    "mint_token",
    "principal_of",
    "require",
    "revoke_token",
    "session_of",
    "set_password",
    "set_role",
    "token_rows",
    "user_rows",
]
