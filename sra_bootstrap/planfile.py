"""A plan as a file: canonical JSON that says what it is a plan for, with a digest that shows when it was edited."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator, ValidationError

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
    def of(cls, org: Org, config_digest: str) -> Self:
        """What a plan that is made now is made for."""
        return cls(__version__, org.management_id, org.live.id if org.live else "", config_digest)


AttrsForm = Annotated[Any, PlainValidator(attrs_from_json), PlainSerializer(to_json)]


class _Form(BaseModel):
    """A part of a plan file: neither more keys nor other types than it was written with."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, from_attributes=True)


class _AddressForm(_Form):
    kind: str
    account: str
    region: str
    name: str

    @classmethod
    def of(cls, address: Address) -> Self:
        return cls(kind=address.kind, account=address.at.account, region=address.at.region, name=address.name)

    def address(self) -> Address:
        return Address(self.kind, Target(self.account, self.region), self.name)


class _ChangeForm(_Form):
    address: _AddressForm
    action: Literal["create", "update", "delete"]
    before: AttrsForm
    after: AttrsForm


class _BlockedForm(_Form):
    where: str
    reason: str
    remedy: str


class _ResourceForm(_Form):
    address: _AddressForm
    attrs: AttrsForm


class _StepForm(_Form):
    step: str
    changes: list[_ChangeForm]
    blocked: list[_BlockedForm]
    notes: list[str]
    unmanaged: list[_ResourceForm]
    kept: list[_AddressForm]

    @classmethod
    def of(cls, plan: StepPlan) -> Self:
        return cls(
            step=plan.step,
            changes=[
                _ChangeForm(
                    address=_AddressForm.of(change.address),
                    action=change.action.value,
                    before=to_json(change.before),
                    after=to_json(change.after),
                )
                for change in plan.changes
            ],
            blocked=[_BlockedForm.model_validate(blocked) for blocked in plan.blocked],
            notes=list(plan.notes),
            unmanaged=[
                _ResourceForm(address=_AddressForm.of(resource.address), attrs=to_json(resource.attrs))
                for resource in plan.unmanaged
            ],
            kept=list(map(_AddressForm.of, plan.kept)),
        )

    def plan(self) -> StepPlan:
        return StepPlan(
            self.step,
            changes=tuple(Change(c.address.address(), Action(c.action), c.before, c.after) for c in self.changes),
            blocked=tuple(Blocked(b.where, b.reason, b.remedy) for b in self.blocked),
            notes=tuple(self.notes),
            unmanaged=tuple(Resource(r.address.address(), r.attrs) for r in self.unmanaged),
            kept=tuple(address.address() for address in self.kept),
        )


class _PlanForm(_Form):
    destroy: bool
    steps: list[_StepForm]


class _OriginForm(_Form):
    tool: str
    management_account: str
    organization: str
    config: str


class _Document(_Form):
    format: int
    origin: _OriginForm
    plan: _PlanForm


def digest(plan: Plan, origin: Origin) -> str:
    """The sha256 of a plan and its origin, in hexadecimal: the same plan for the same organization, the same digest."""
    return _digest(_document(plan, origin))


def dumps(plan: Plan, origin: Origin) -> str:
    """A plan as the text of a plan file."""
    document = _document(plan, origin)
    return json.dumps(document | {"sha256": _digest(document)}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def load(path: Path) -> tuple[Plan, Origin]:
    """Read a plan file.

    Raises:
        InputError: it cannot be read, is no plan file, is one of another version, or was edited.
    """
    document = _read(path)
    if not isinstance(document, dict) or "sha256" not in document:
        raise _refusal(path, "it is not a plan file; one is written by `sra-bootstrap plan --out`")
    if document.get("format") != FORMAT:
        raise _refusal(path, f"it has the format {document.get('format')!r}; this version reads format {FORMAT}")
    content = {key: value for key, value in document.items() if key != "sha256"}
    try:
        edited = _digest(content) != document["sha256"]
        form = _Document.model_validate(content)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        text = f"it is not a plan that this version could have written: {where}: {error.errors()[0]['msg']}"
        raise _refusal(path, text) from error
    except RecursionError as error:
        raise _too_deep(path) from error
    except ValueError as error:
        raise _refusal(path, f"it is not a plan that this version could have written: {error}") from error
    if edited:
        raise _refusal(path, "it was edited after it was written; make the plan again")
    _refuse_twins(path, form)
    plan = Plan(tuple(step.plan() for step in form.plan.steps), destroy=form.plan.destroy)
    return plan, Origin(**form.origin.model_dump())


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
        problems.append(f"it is a plan for the organization {planned.organization}, not {now.organization or 'none'}")
    if planned.config != now.config:
        problems.append("config.yaml says something else than when it was made; make the plan again")
    if planned.tool != now.tool:
        problems.append(f"it was made by version {planned.tool}, and this is {now.tool}; make the plan again")
    if problems:
        raise InputError(path, [Problem(0, problem) for problem in problems])


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise _refusal(path, f"it cannot be read: {error}") from error
    except json.JSONDecodeError as error:
        text = f"it is not JSON ({error.msg}); a plan file is written by `sra-bootstrap plan --out`"
        raise InputError(path, [Problem(error.lineno, text)]) from error
    except RecursionError as error:
        raise _too_deep(path) from error
    except ValueError as error:
        raise _refusal(path, f"it is not a plan file: {error}") from error


def _refuse_twins(path: Path, form: _Document) -> None:
    """Two parts for one step, or two changes of one thing: one of them would go unseen."""
    steps = Counter(step.step for step in form.plan.steps)
    changed = Counter((step.step, change.address) for step in form.plan.steps for change in step.changes)
    if max((*steps.values(), *changed.values()), default=1) > 1:
        raise _refusal(path, "it names a step or a change twice, which no plan does")


def _too_deep(path: Path) -> InputError:
    return _refusal(path, "it is nested more deeply than a plan file can be")


def _refusal(path: Path, message: str) -> InputError:
    return InputError(path, [Problem(0, message)])


def _digest(document: Mapping[str, Any]) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _document(plan: Plan, origin: Origin) -> dict[str, Any]:
    form = _Document(
        format=FORMAT,
        origin=_OriginForm.model_validate(origin),
        plan=_PlanForm(destroy=plan.destroy, steps=[_StepForm.of(step) for step in plan.steps]),
    )
    return form.model_dump(mode="json")
