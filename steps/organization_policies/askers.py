"""Who must not be locked out of a member account, and what each asks for there.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html says which condition keys a
request has. What is told of none of them here, as the address that somebody asks from, is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial, reduce

from sra_bootstrap.aws import region_of_requests
from sra_bootstrap.iam.request import Caller, Request, condition_keys
from sra_bootstrap.model import MANAGEMENT
from sra_bootstrap.org import Org
from steps.common import buckets, keys
from steps.common.policy_types import PolicyType
from steps.organization_policies import actions
from steps.organization_policies.authorization import restricts_resources_of
from steps.organization_policies.break_glass import BreakGlass
from steps.organization_policies.stand_ins import Ids

_SCP: PolicyType = "SERVICE_CONTROL_POLICY"
_ALWAYS = frozenset({"iam:GetRole", "sts:GetCallerIdentity"})
"""What the role of every account must be able to do, if nothing else: see what it is.

AWS lets nobody be denied sts:GetCallerIdentity; who denies all of sts, or everything, denies it with the rest.
"""
_ENTERING = frozenset({"sts:AssumeRole"})
_TO_BUCKETS = frozenset({"s3:GetBucketAcl", "s3:PutObject"})
_WITH_KEYS = frozenset({"kms:Decrypt", "kms:GenerateDataKey"})
"""What services do with a bucket and with a key that deliver logs, such as CloudTrail.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
"""
_EVERYWHERE = {"aws:SecureTransport": "true", "s3:TlsVersion": "1.2"}
"""Older TLS is spoken neither by AWS nor by Python: https://docs.python.org/3/library/ssl.html"""
_NOT_OF_SERVICES = frozenset(f"aws:principal{name}" for name in ("account", "arn", "orgid", "orgpaths", "type"))
_NOT_OF_ROLES = frozenset(
    (
        *(f"aws:principal{name}" for name in ("servicename", "servicenameslist")),
        *(f"aws:source{name}" for name in ("account", "arn", "orgid", "orgpaths")),
        *("aws:assumedroot", "aws:calledvia", "aws:calledviafirst", "aws:calledvialast", "aws:username"),
    )
)


@dataclass(frozen=True)
class Asker:
    """Somebody who asks in an account, in a region.

    Attributes:
        who: in words.
        request: what is known of what is asked, but for the action.
        actions: tells which actions are asked for.
        exempt: the condition by which a statement that denies leaves out who asks.
    """

    who: str
    request: Request
    actions: Callable[[], frozenset[str]]
    exempt: str


@dataclass(frozen=True)
class Askers:
    """All who must not be locked out of the members of an organization."""

    org: Org
    ids: Ids
    break_glass: Collection[BreakGlass]

    @property
    def every_action(self) -> frozenset[str]:
        """All that anybody asks for in any account."""
        wanted = (actions.matched(pattern) for one in self.break_glass for pattern in one.actions)
        of_others = _ALWAYS | _ENTERING | _TO_BUCKETS | _WITH_KEYS
        return of_others.union(self.org.errands.actions, *wanted)

    def under(self, policy_type: PolicyType, account: str) -> Iterator[Asker]:
        """Who asks in a member, and is restricted by what a type of policies says in it.

        Service control policies restrict the roles of the member, whatever they ask for. Resource control policies
        restrict what is in the member, whoever asks for it.
        """
        restricted = None if policy_type == _SCP else account
        yield from self._role(f"this tool's role {self.org.role_name}", self.org.role_name, account, restricted)
        for one in self.break_glass:
            yield from self._role(f"the break-glass role {one.role}", one.role, account, restricted, one)
        if restricted is not None:
            yield self._entering(account)
            yield from self._delivering(account)

    def _role(
        self, who: str, role: str, account: str, restricted: str | None, break_glass: BreakGlass | None = None
    ) -> Iterator[Asker]:
        """A role of a member, in each region that it may ask in."""
        facts = {
            "aws:PrincipalAccount": self.ids.accounts[account],
            "aws:PrincipalArn": f"arn:{self.org.partition}:iam::{self.ids.accounts[account]}:role/{role}",
            "aws:PrincipalOrgID": self.ids.organization,
            "aws:PrincipalType": "AssumedRole",
            "aws:PrincipalIsAWSService": "false",
            "aws:ViaAWSService": "false",
            **self._of_resource(restricted),
        }
        exempt = f"ArnNotLike, aws:PrincipalArn, arn:{self.org.partition}:iam::*:role/{role}"
        for region in dict.fromkeys((*self.org.regions, region_of_requests("iam", self.org.home_region))):
            request = self._request({**facts, "aws:RequestedRegion": region}, _NOT_OF_ROLES)
            wanted = partial(self._wanted, account, region, break_glass, of_resources=restricted is not None)
            yield Asker(who, request, wanted, exempt)

    def _wanted(
        self, account: str, region: str, break_glass: BreakGlass | None, *, of_resources: bool
    ) -> frozenset[str]:
        """The actions that a role asks for in a region; of a global service it asks in one region only."""
        if break_glass is None:
            every = _ALWAYS | self._errands(account)
        else:
            every = frozenset(action for pattern in break_glass.actions for action in actions.matched(pattern))
        return frozenset(
            action
            for action in every
            if any(region_of_requests(action.partition(":")[0], one) == region for one in self.org.regions)
            and (restricts_resources_of(action) or not of_resources)
        )

    def _errands(self, account: str) -> frozenset[str]:
        """What the steps do in a member; in one that config.yaml does not name, what they do in each that it names."""
        errands = self.org.errands.by_account()
        if account in self.org.accounts:
            return errands.get(account, frozenset())
        return reduce(frozenset.intersection, (errands.get(key, frozenset()) for key in self.org.accounts))

    def _entering(self, account: str) -> Asker:
        """The management account, which enters a member; who does so there is not known."""
        facts = {
            "aws:PrincipalAccount": self.ids.accounts[MANAGEMENT],
            "aws:PrincipalOrgID": self.ids.organization,
            "aws:PrincipalIsAWSService": "false",
            "aws:ViaAWSService": "false",
            "aws:RequestedRegion": self.org.home_region,
            **self._of_resource(account),
        }
        role = f"arn:{self.org.partition}:iam::{self.ids.accounts[account]}:role/{self.org.role_name}"
        request = self._request(facts, _NOT_OF_ROLES, role)
        exempt = "StringNotEquals, aws:PrincipalAccount, <<account.management>>"
        return Asker("the management account", request, lambda: _ENTERING, exempt)

    def _delivering(self, account: str) -> Iterator[Asker]:
        """A service of AWS that delivers logs of the organization to a bucket of a member, or with a key of it."""
        to_buckets = account == self.org.log_archive and buckets.needed(self.org)
        places = [key.place(self.org, self.org.home_region) for key in keys.needed(self.org)]
        with_keys = any(place.account == account for place in places)
        wanted = (_TO_BUCKETS if to_buckets else frozenset()) | (_WITH_KEYS if with_keys else frozenset())
        facts = {
            "aws:PrincipalIsAWSService": "true",
            "aws:SourceAccount": self.ids.accounts[MANAGEMENT],
            "aws:SourceOrgID": self.ids.organization,
            **self._of_resource(account),
        }
        if wanted:
            exempt = "BoolIfExists, aws:PrincipalIsAWSService, false"
            request = self._request(facts, _NOT_OF_SERVICES)
            yield Asker("the services of AWS that deliver logs", request, lambda: wanted, exempt)

    def _of_resource(self, account: str | None) -> dict[str, str]:
        """What is known of what is asked for: in which account it is, if that is known."""
        if account is None:
            return _EVERYWHERE
        where = {"aws:ResourceAccount": self.ids.accounts[account], "aws:ResourceOrgID": self.ids.organization}
        return {**_EVERYWHERE, **where}

    def _request(self, facts: dict[str, str], absent: frozenset[str], resource: str = "") -> Request:
        return Request(Caller(), "", resource, condition_keys(facts), absent, self.ids.stand_ins)
