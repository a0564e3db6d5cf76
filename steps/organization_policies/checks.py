"""What is wrong with policies, as far as it can be told before anything is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from sra_bootstrap.document import Document
from sra_bootstrap.errors import InputError
from sra_bootstrap.org import Org
from sra_bootstrap.step import Finding
from steps.common.policies import ROOT_NAME, is_known, written
from steps.common.policy_types import AUTHORIZATION, EVERY, longest, most, of_aws
from steps.organization_policies import actions, authorization, management
from steps.organization_policies.break_glass import BreakGlass
from steps.organization_policies.documents import parsed
from steps.organization_policies.guard import Guard
from steps.organization_policies.settings import Attachment, Policy
from steps.organization_policies.variables import filled, known, samples, unfillable


def problems(
    policies: Sequence[Policy], newer_actions: Collection[str], break_glass: Sequence[BreakGlass], org: Org
) -> Iterator[Finding]:
    """What is wrong with policies: in config.yaml, and with the line of it in their own files."""
    attached: Counter[tuple[str, str]] = Counter()
    misspelled = list(_of_roles(break_glass))
    yield from misspelled
    guard = Guard(org, () if misspelled else break_glass)
    for policy in policies:
        here = ("policies", policy.key)
        if policy.name in {name for policy_type in EVERY for name in of_aws(policy_type)}:
            yield here, f"{policy.name} is the name of a policy of AWS's own; choose another, or a prefix"
        wrong = list(_of_file(policy, newer_actions, org))
        yield from (((*here, "file"), what) for what in wrong)
        for index, target in enumerate(policy.attach_to):
            attached[policy.type, target] += 1
            count = attached[policy.type, target]
            yield from (((*here, "attach_to", index), what) for what in _of_target(policy, index, count, org))
            if not wrong:
                lockouts = _lockouts(Attachment(policy, target), guard)
                yield from (((*here, "attach_to", index), what) for what in lockouts)


def _of_roles(break_glass: Sequence[BreakGlass]) -> Iterator[Finding]:
    """What is wrong with the actions that roles must keep."""
    for number, one in enumerate(break_glass):
        for index, action in enumerate(one.actions):
            what = actions.unknown(action)
            if what is not None:
                yield ("break_glass", number, "actions", index), what


def _lockouts(attachment: Attachment, guard: Guard) -> Iterator[str]:
    """Whom a policy would lock out of what it is attached to."""
    text = attachment.policy.text
    for denial in guard.denials(attachment):
        if denial.locks_out:
            line = parsed(text).line(denial.place)
            yield f"{text.path}:{line}: it would lock us out: {denial}; exempt them by {denial.asker.exempt}"


def _of_target(policy: Policy, index: int, count: int, org: Org) -> Iterator[str]:
    """What is wrong with attaching a policy, the one so many of its type, to one of its entities."""
    target, by_aws = policy.attach_to[index], of_aws(policy.type)
    if target in policy.attach_to[:index]:
        yield f"it is attached to {target} twice; keep one of them"
    elif not is_known(target, org):
        if policy.recommended:
            return
        yield (
            f"there is no OU and no account {target}; the root is called {ROOT_NAME}, OUs go by their paths, "
            "accounts by their keys"
        )
    elif count + len(by_aws) > most(policy.type):
        besides = " and ".join((f"{count} of these", *by_aws))
        yield f"{target} would have {besides}; it may have {most(policy.type)} of the type {policy.type}"


def _of_file(policy: Policy, newer_actions: Collection[str], org: Org) -> Iterator[str]:
    try:
        document = parsed(policy.text)
    except InputError as error:
        for problem in error.problems:
            yield f"{policy.text.path}:{problem.line}: {problem.message}"
        return
    wrong = list(unfillable(document.data, known(org)))
    if policy.type in AUTHORIZATION:
        wrong += authorization.problems(policy.type, document.data, newer_actions)
    else:
        wrong += management.problems(policy.type, document.data)
    for place, what in wrong:
        yield f"{policy.text.path}:{document.line(place)}: {what}"
    if not wrong:
        yield from _size(policy, document, org)


def _size(policy: Policy, document: Document, org: Org) -> Iterator[str]:
    size = len(written(filled(document.data, samples(org))))
    if size > longest(policy.type):
        yield (
            f"{policy.text.path}: it has {size} characters without white space; a policy of this type has "
            f"{longest(policy.type)} at most; split it in two"
        )
