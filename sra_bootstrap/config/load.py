"""config.yaml to what the engine works with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from sra_bootstrap.config.check import email_of, findings, unit_paths
from sra_bootstrap.config.model import Configuration, model_for
from sra_bootstrap.config.reading import read
from sra_bootstrap.config.wording import message
from sra_bootstrap.document import dotted
from sra_bootstrap.errands import errands
from sra_bootstrap.errors import InputError, Problem
from sra_bootstrap.org import Account, Org, agreed
from sra_bootstrap.step import AnyStep
from sra_bootstrap.textfile import FOLDER


@dataclass(frozen=True)
class Settings:
    """What config.yaml says.

    Attributes:
        org: the organization that is wanted.
        pipeline: the enabled steps, in their order, each with its section.
        digest: the sha256 of what it says, whatever the order of keys and the comments.
        management_account_id: the only account that may be worked in, if it names one.
    """

    org: Org
    pipeline: tuple[AnyStep, ...]
    digest: str
    management_account_id: str | None


def load(path: Path, steps: Mapping[str, type[AnyStep]]) -> Settings:
    """Read config.yaml.

    Raises:
        InputError: something is wrong with it; all that is, with lines, and with what would be right.
    """
    document = read(path)
    model = model_for(steps)
    problems = [*document.problems]
    for at, what in findings(document.data, steps):
        problems.append(Problem(document.line(at), f"{dotted(at)}: {what}"))
    config = None
    try:
        # As JSON a list may become a tuple or a set, and yet text never becomes a number or a switch.
        config = model.model_validate_json(json.dumps(document.data), strict=True, context={FOLDER: path.parent})
    except ValidationError as error:
        for e in error.errors():
            at = tuple(part for part in e["loc"] if part != "[key]")
            problems.append(Problem(document.line(at), message(e, model)))
    if config is None or problems:
        raise _refusal(path, problems)
    sections = {name: getattr(config.steps, name) for name in steps}
    pipeline = tuple(step(sections[name]) for name, step in steps.items() if sections[name].enabled)
    org = _org(config, pipeline)
    for step in pipeline:
        for within, what in step.problems(org):
            where = ("steps", step.id, *within)
            problems.append(Problem(document.line(where), f"{dotted(where)}: {what}"))
    if problems:
        raise _refusal(path, problems)
    canonical = json.dumps(config.model_dump(mode="json"), sort_keys=True)
    return Settings(
        org=org,
        pipeline=pipeline,
        digest=hashlib.sha256(canonical.encode()).hexdigest(),
        management_account_id=config.organization.management_account_id,
    )


def _refusal(path: Path, problems: Iterable[Problem]) -> InputError:
    return InputError(path, sorted(set(problems), key=lambda problem: (problem.line, problem.message)))


def _org(config: Configuration, pipeline: tuple[AnyStep, ...]) -> Org:
    organization = config.organization
    home = organization.home_region
    org = Org(
        home_region=home,
        regions=(home, *(region for region in organization.governed_regions if region != home)),
        units=unit_paths(config),
        accounts={
            key: Account(key, account.name, email_of(config, key), account.ou, account.tags)
            for key, account in config.accounts.items()
        },
        role_name=organization.cross_account_role,
        trusted_access=tuple(dict.fromkeys(name for step in pipeline for name in step.principals())),
        own_access=tuple(name for step in pipeline for name in step.own_access),
        policy_types=tuple(dict.fromkeys(name for step in pipeline for name in step.types())),
        sections={step.id: step.config for step in pipeline},
        **dict(config.roles),
    )
    delegations = agreed(delegation for step in pipeline for delegation in step.delegations(org))
    needs = dict.fromkeys(need for step in pipeline for need in step.needed(org))
    org = replace(org, delegations=delegations, needs=tuple(needs))
    return replace(org, errands=errands(pipeline, org))
