"""A plan as a file: canonical JSON that says what it is a plan for, with a digest that shows when it was edited."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sra_bootstrap import __version__
from sra_bootstrap.errors import InputError, Problem
from sra_bootstrap.model import Action, Address, Blocked, Change, Plan, Resource, StepPlan, Target
from sra_bootstrap.org import Org
from sra_bootstrap.values import attrs_from_json, to_json

FORMAT = 1
"""The version of the form; a file of another form is refused."""


@dataclass(frozen=True)
class Origin:
    """What a plan was made for and from.

    `organization` is the id of the organization, empty while there is none; `config` is the digest of config.yaml.
    """

    tool: str
    management_account: str
    organization: str
    config: str

    @classmethod
    def of(cls, org: Org, config_digest: str) -> Origin:
        """What a plan that is made now is made for."""
        return cls(__version__, org.management_id, org.live.id if org.live else "", config_digest)


def digest(plan: Plan, origin: Origin) -> str:
    """The sha256 of a plan and its origin, in hexadecimal: the same plan for the same organization, the same digest."""
    return hashlib.sha256(_canonical(_document(plan, origin)).encode()).hexdigest()


def dumps(plan: Plan, origin: Origin) -> str:
    """A plan as the text of a plan file."""
    document = _document(plan, origin) | {"sha256": digest(plan, origin)}
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def load(path: Path) -> tuple[Plan, Origin]:
    """Read a plan file.

    Raises:
        InputError: it cannot be read, is no plan file, is one of another version, or was edited.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise _refusal(path, f"it cannot be read: {error}") from error
    except json.JSONDecodeError as error:
        text = f"it is not JSON ({error.msg}); a plan file is written by `sra-bootstrap plan --out`"
        raise InputError(path, [Problem(error.lineno, text)]) from error
    except RecursionError as error:
        raise _refusal(path, "it is nested more deeply than a plan file can be") from error
    if not isinstance(document, dict) or "sha256" not in document:
        raise _refusal(path, "it is not a plan file; one is written by `sra-bootstrap plan --out`")
    if document.get("format") != FORMAT:
        raise _refusal(path, f"it has the format {document.get('format')!r}; this version reads format {FORMAT}")
    content = {key: value for key, value in document.items() if key != "sha256"}
    if hashlib.sha256(_canonical(content).encode()).hexdigest() != document["sha256"]:
        raise _refusal(path, "it was edited after it was written; make the plan again")
    try:
        return _plan(document["plan"]), Origin(**document["origin"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _refusal(path, f"it is not a plan that this version could have written: {error}") from error


def check_origin(path: Path, planned: Origin, now: Origin) -> None:
    """Refuse a plan that was made for something else.

    Raises:
        InputError: the plan is another organization's, another version's, or of another config.yaml.
    """
    problems = []
    if planned.management_account != now.management_account:
        text = f"it is a plan for the management account {planned.management_account}, not {now.management_account}"
        problems.append(text)
    # Between the plan and now, an organization may have come to be: then the plan was made for none.
    if planned.organization and planned.organization != now.organization:
        problems.append(
            f"it is a plan for the organization {planned.organization}, not {now.organization or 'for none'}"
        )
    if planned.config != now.config:
        problems.append("config.yaml says something else than when it was made; make the plan again")
    if planned.tool != now.tool:
        problems.append(f"it was made by version {planned.tool}, and this is {now.tool}; make the plan again")
    if problems:
        raise InputError(path, [Problem(0, problem) for problem in problems])


def _refusal(path: Path, message: str) -> InputError:
    return InputError(path, [Problem(0, message)])


def _canonical(document: Mapping[str, Any]) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _document(plan: Plan, origin: Origin) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "origin": asdict(origin),
        "plan": {"destroy": plan.destroy, "steps": [_step_document(step) for step in plan.steps]},
    }


def _step_document(step: StepPlan) -> dict[str, Any]:
    return {
        "step": step.step,
        "changes": [
            {
                "address": _address_document(change.address),
                "action": change.action.value,
                "before": to_json(change.before),
                "after": to_json(change.after),
            }
            for change in step.changes
        ],
        "blocked": [asdict(blocked) for blocked in step.blocked],
        "notes": list(step.notes),
        "unmanaged": [
            {"address": _address_document(resource.address), "attrs": to_json(resource.attrs)}
            for resource in step.unmanaged
        ],
        "kept": [_address_document(address) for address in step.kept],
    }


def _address_document(address: Address) -> dict[str, str]:
    return {
        "kind": address.kind,
        "account": address.at.account,
        "region": address.at.region,
        "name": address.name,
    }


def _plan(raw: Mapping[str, Any]) -> Plan:
    return Plan(tuple(_step(step) for step in raw["steps"]), destroy=bool(raw["destroy"]))


def _step(raw: Mapping[str, Any]) -> StepPlan:
    return StepPlan(
        raw["step"],
        changes=tuple(
            Change(
                _address(change["address"]),
                Action(change["action"]),
                attrs_from_json(change["before"]),
                attrs_from_json(change["after"]),
            )
            for change in raw["changes"]
        ),
        blocked=tuple(Blocked(**blocked) for blocked in raw["blocked"]),
        notes=tuple(raw["notes"]),
        unmanaged=tuple(Resource(_address(r["address"]), attrs_from_json(r["attrs"])) for r in raw["unmanaged"]),
        kept=tuple(map(_address, raw["kept"])),
    )


def _address(raw: Mapping[str, str]) -> Address:
    return Address(raw["kind"], Target(raw["account"], raw["region"]), raw["name"])
