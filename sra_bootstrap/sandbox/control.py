"""The served sandbox, controlled over HTTP by whoever has its address, beside moto's own `/moto-api`.

- `GET /moto-api/sandbox/settings`: the settings, as a JSON object.
- `POST /moto-api/sandbox/settings`: sets those that the JSON object in the body names, at once. What is wrong with
  one is the answer, with status 400, and then none is set. Faults, for example:
  `{"faults": {"at": [{"kind": "reset", "of": "organizations:CreateAccount", "after": true}]}}`.
- `GET /moto-api/sandbox/injected`: how many faults there were, by kind.
- `GET /moto-api/sandbox/writes`: every write that took effect, in order.
- `POST /moto-api/sandbox/identity-center`: enables IAM Identity Center for the organization, as only the console does,
  in the region that the body names: `{"region": "eu-west-1"}`.
- `POST /moto-api/sandbox/reset`: a bare management account again; the settings stay.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.base_backend import BackendDict
from moto.moto_api._internal import urls
from moto.organizations.models import organizations_backends
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from sra_bootstrap.sandbox.extension import LOCK, Answer
from sra_bootstrap.sandbox.injection import record
from sra_bootstrap.sandbox.services import identity_center
from sra_bootstrap.sandbox.settings import Rules, Settings

_SETTINGS = TypeAdapter(Settings)
PREFIX = "/moto-api/sandbox"


def clear() -> None:
    """Forget all that was made in the sandbox, and what is remembered of its calls."""
    with LOCK:
        BackendDict.reset()
        # moto forgets to clear which account belongs to which organization.
        organizations_backends.master_accounts.clear()


def install() -> None:
    """Let moto's server answer these paths."""
    paths: dict[str, Callable[..., Answer]] = {
        "settings": _settings,
        "injected": _injected,
        "writes": _writes,
        "identity-center": _identity_center,
        "reset": _reset,
    }
    for name, answer in paths.items():
        urls.url_paths[f"{{0}}{PREFIX}/{name}"] = answer


def _answer(value: Any, status: int = 200) -> Answer:
    return status, {"content-type": "application/json"}, json.dumps(to_jsonable_python(value))


def _settings(request: Any, full_url: str, headers: Any) -> Answer:
    if request.method == "POST":
        try:
            _set(json.loads(request.data))
        except ValidationError as error:
            return _answer({"error": str(error)}, 400)
        except (TypeError, ValueError) as error:
            return _answer({"error": f"The body is no JSON object: {error}"}, 400)
    return _answer(Rules.settings)


def _set(fields: dict[str, Any]) -> None:
    """Set fields of the settings in force, which whoever began the sandbox holds too.

    Raises:
        ValidationError: one is unknown, or has a wrong value.
    """
    merged = _SETTINGS.validate_json(json.dumps(to_jsonable_python(Rules.settings) | fields))
    with LOCK:
        for name in fields:
            setattr(Rules.settings, name, getattr(merged, name))


def _injected(request: Any, full_url: str, headers: Any) -> Answer:
    return _answer(record.injected())


def _writes(request: Any, full_url: str, headers: Any) -> Answer:
    return _answer(record.writes())


def _identity_center(request: Any, full_url: str, headers: Any) -> Answer:
    try:
        instance = identity_center.enable(DEFAULT_ACCOUNT_ID, str(json.loads(request.data)["region"]))
    except (TypeError, KeyError, ValueError) as error:
        return _answer(
            {"error": f"The body must be a JSON object with a region, and there an organization: {error}"}, 400
        )
    return _answer({"InstanceArn": instance.arn, "IdentityStoreId": instance.store_id})


def _reset(request: Any, full_url: str, headers: Any) -> Answer:
    if request.method != "POST":
        return _answer({"error": "Only POST resets the sandbox."}, 405)
    clear()
    return _answer({})
