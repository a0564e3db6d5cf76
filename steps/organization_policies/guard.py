"""Whether attaching a policy would lock this tool, or whom else it must not, out of a member account.

What is attached can only take rights away by a statement that denies: one that allows adds to what the root, an OU or
an account allows already. So each policy is judged by itself, for every member that it would reach, and what others
have attached on the way need not be read. The management account is restricted by neither type.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_evaluation.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from sra_bootstrap.document import Place
from sra_bootstrap.iam.document import Statement, restrictions
from sra_bootstrap.iam.request import Request
from sra_bootstrap.iam.truth import Truth, any_of
from sra_bootstrap.iam.verdict import applies, applies_to_its_action, is_about_action
from sra_bootstrap.model import MANAGEMENT, Note, Obstacle
from sra_bootstrap.org import ROOT, Org
from steps.common.policies import ROOT_NAME
from steps.common.policy_types import AUTHORIZATION, PolicyType
from steps.organization_policies.askers import Asker, Askers
from steps.organization_policies.break_glass import BreakGlass
from steps.organization_policies.documents import parsed
from steps.organization_policies.settings import Attachment, Policy
from steps.organization_policies.stand_ins import ids_of
from steps.organization_policies.variables import filled

_TOLD = 3
"""How many actions, and accounts, are named before the others are counted."""


@dataclass
class Denial:
    """What a statement of a policy denies to somebody, where it is attached to one entity.

    Attributes:
        statement: its Sid, or its number.
        place: where it is in the file of the policy.
        asker: who is denied it.
        unknown: what it depends on and is not known; nothing, if it would be denied for certain.
        ours: whether it is in accounts that config.yaml names.
        actions: which of the actions that are asked for.
        accounts: in which accounts.
    """

    statement: str
    place: Place
    asker: Asker
    unknown: tuple[str, ...]
    ours: bool
    actions: set[str] = field(default_factory=set)
    accounts: dict[str, None] = field(default_factory=dict)

    @property
    def locks_out(self) -> bool:
        """Whether it must not come to that."""
        return self.ours and not self.unknown

    def __str__(self) -> str:
        return (
            f"the statement {self.statement} denies {_some(sorted(self.actions))} to {self.asker.who} in "
            f"{_some(list(self.accounts))}"
        )


class Guard:
    """Judges attachments in an organization."""

    def __init__(self, org: Org, break_glass: Collection[BreakGlass]) -> None:
        self._org = org
        self._askers = Askers(org, ids_of(org), break_glass)
        self._judged: dict[Attachment, list[Denial]] = {}
        self._active = tuple(name for name in org.members() if name != MANAGEMENT)

    def denials(self, attachment: Attachment) -> list[Denial]:
        """What a policy would deny in the members that it reaches.

        Raises:
            MalformedError: the policy is none.
        """
        if attachment not in self._judged:
            self._judged[attachment] = list(self._judge(attachment))
        return self._judged[attachment]

    def _judge(self, attachment: Attachment) -> Iterable[Denial]:
        policy, found = attachment.policy, dict[tuple[object, ...], Denial]()
        if policy.type not in AUTHORIZATION:
            return ()
        for statement, name, place in self._denying(policy):
            for account in self._reached(attachment.target):
                for asker in self._askers.under(policy.type, account):
                    truth = applies_to_its_action(statement, asker.request)
                    if truth is False:
                        continue
                    denied = {action for action in asker.actions() if is_about_action(statement, action)}
                    if denied:
                        unknown = () if truth else tuple(_unknown(statement, asker.request))
                        ours = account in self._org.accounts
                        new = Denial(name, place, asker, unknown, ours=ours)
                        denial = found.setdefault((name, asker.who, unknown, ours), new)
                        denial.actions |= denied
                        denial.accounts[account] = None
        return found.values()

    def obstacles(self, attachments: Iterable[Attachment]) -> dict[Attachment, Obstacle]:
        """The attachments that would lock somebody out, with what a plan says of each."""
        found = {}
        for attachment in attachments:
            locking = [denial for denial in self.denials(attachment) if denial.locks_out]
            if locking:
                said = "; ".join(map(str, locking))
                exempt = "; ".join(dict.fromkeys(denial.asker.exempt for denial in locking))
                found[attachment] = Obstacle(
                    attachment.address,
                    f"{attachment.policy.name} would lock us out: {said}.",
                    f"Exempt who is locked out, by the condition {exempt}; or attach it to something else.",
                )
        return found

    def notes(self, attachments: Iterable[Attachment]) -> Iterator[Note]:
        """What the attachments may deny, by what is not known, or deny in accounts that config.yaml does not name."""
        for attachment in attachments:
            for denial in self.denials(attachment):
                if denial.unknown:
                    yield Note(f"{attachment.policy.name}: {denial}, or not: that depends on {_some(denial.unknown)}.")
                elif not denial.ours:
                    yield Note(f"{attachment.policy.name}: {denial}, which config.yaml does not name.")

    def no_longer_allowed(
        self, policy_type: PolicyType, target: str, before: Sequence[Statement], after: Sequence[Statement]
    ) -> Iterator[str]:
        """Whom it would lock out, in words, if these statements were all that is attached to an entity.

        Args:
            policy_type: of the policies.
            target: the name of the entity.
            before: statements that allow something now.
            after: all that will be left of these, and of those of others.
        """
        for account in filter(self._org.accounts.__contains__, self._reached(target)):
            for asker in self._askers.under(policy_type, account):
                asked = (replace(asker.request, action=action) for action in asker.actions())
                lost = [one.action for one in asked if _allow(before, one) and _allow(after, one) is False]
                if lost:
                    yield f"nothing attached to {target} would allow {_some(sorted(lost))} to {asker.who} in {account}"

    def statements(self, policy: Policy) -> tuple[Statement, ...]:
        """What a policy of ours says.

        Raises:
            MalformedError: it is none.
        """
        return restrictions(filled(parsed(policy.text).data, self._askers.ids.values))

    def _denying(self, policy: Policy) -> Iterator[tuple[Statement, str, Place]]:
        """The statements of a policy that deny something that somebody asks for: with their names and their places."""
        alone = not isinstance(parsed(policy.text).data["Statement"], list)
        for index, statement in enumerate(self.statements(policy)):
            if statement.effect == "Deny" and any(is_about_action(statement, one) for one in self._asked_for):
                place: Place = ("Statement",) if alone else ("Statement", index)
                yield statement, statement.sid or str(index + 1), place

    @cached_property
    def _asked_for(self) -> frozenset[str]:
        return self._askers.every_action

    def _reached(self, target: str) -> Iterator[str]:
        """The active members that what is attached to an entity restricts."""
        for name in self._active:
            unit = self._unit_of(name)
            if target in {ROOT_NAME, name} or unit == target or unit.startswith(f"{target}/"):
                yield name

    def _unit_of(self, account: str) -> str:
        if account in self._org.accounts:
            return self._org.accounts[account].unit
        live = self._org.live_account(account)
        return ROOT if live is None else live.unit


def _allow(statements: Iterable[Statement], request: Request) -> Truth:
    return any_of(applies(statement, request) for statement in statements if statement.effect == "Allow")


def _unknown(statement: Statement, request: Request) -> Iterator[str]:
    """What of a request is not known, and would have to be to say whether a statement is about it."""
    yield from (condition.key for condition in statement.conditions if not request.knows(condition.key))
    if not request.resource and "*" not in statement.resources.values:
        yield "the resource"
    elif request.stand_ins:
        yield "ids that AWS has not chosen yet"


def _some(names: Sequence[str]) -> str:
    """Names in a row, or the first of them and how many others there are."""
    more = len(names) - _TOLD
    return ", ".join(names) if more <= 1 else f"{', '.join(names[:_TOLD])} and {more} more"
