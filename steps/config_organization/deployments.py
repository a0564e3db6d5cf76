"""What an organization has AWS Config deploy to its accounts: conformance packs and rules are alike in this."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import MANAGEMENT, Address, Note, Obstacle
from sra_bootstrap.org import Org
from steps.common import members

PRINCIPAL = "config-multiaccountsetup.amazonaws.com"
"""Who deploys in an organization, and whose administrator may have it deploy.

https://docs.aws.amazon.com/config/latest/developerguide/aggregated-register-delegated-administrator.html
"""
EVERYWHERE = "everywhere"
_PATIENCE = 900
"""How many seconds Config may take to deploy to all accounts, or to be done with what it deploys at the time."""
_RETRIED_SECONDS = 7 * 3600
"""How long after an account has joined Config tries again by itself, while there is no recorder.

https://docs.aws.amazon.com/config/latest/developerguide/config-rule-multi-account-deployment.html
"""
_NO_RECORDER = "NoAvailableConfigurationRecorder"


@dataclass(frozen=True)
class Sort:
    """One of the two: the kind of its addresses, its noun in sentences, and how AWS calls its operations.

    Attributes:
        describe: the operation that lists them, with `found` in its answer, each known by its `name`.
        describe_statuses: that which tells how each stands as a whole, with `statuses`, each having a `status`.
        get_details: that which tells how one stands in each account, with `details`, each having a `detail_status`.
        delete: that which removes one.
    """

    kind: str
    noun: str
    describe: str
    found: str
    name: str
    describe_statuses: str
    statuses: str
    status: str
    get_details: str
    details: str
    detail_status: str
    delete: str


PACKS = Sort(
    kind="conformance-pack",
    noun="conformance pack",
    describe="describe_organization_conformance_packs",
    found="OrganizationConformancePacks",
    name="OrganizationConformancePackName",
    describe_statuses="describe_organization_conformance_pack_statuses",
    statuses="OrganizationConformancePackStatuses",
    status="Status",
    get_details="get_organization_conformance_pack_detailed_status",
    details="OrganizationConformancePackDetailedStatuses",
    detail_status="Status",
    delete="delete_organization_conformance_pack",
)
RULES = Sort(
    kind="organization-rule",
    noun="rule",
    describe="describe_organization_config_rules",
    found="OrganizationConfigRules",
    name="OrganizationConfigRuleName",
    describe_statuses="describe_organization_config_rule_statuses",
    statuses="OrganizationConfigRuleStatuses",
    status="OrganizationRuleStatus",
    get_details="get_organization_config_rule_detailed_status",
    details="OrganizationConfigRuleDetailedStatus",
    detail_status="MemberAccountRuleStatus",
    delete="delete_organization_config_rule",
)


@dataclass(frozen=True)
class Status:
    """How a deployment stands as a whole; `updated` tells whether this is of the time before or after a change."""

    text: str
    updated: Any

    @property
    def in_progress(self) -> bool:
        """Whether Config is at work on it."""
        return self.text.endswith("IN_PROGRESS")


def listed(sort: Sort, config: Any) -> dict[str, Any]:
    """All that the account has deployed in a region, by name."""
    return {one[sort.name]: one for page in config.get_paginator(sort.describe).paginate() for one in page[sort.found]}


def statuses(sort: Sort, config: Any) -> dict[str, Status]:
    """How each of them stands."""
    pages = config.get_paginator(sort.describe_statuses).paginate()
    found = (one for page in pages for one in page[sort.statuses])
    return {
        one[sort.name]: Status(one[sort.status], one.get("LastUpdateTime"))
        for one in found
        if one[sort.status] != "DELETE_SUCCESSFUL"
    }


def pairs(mapping: Mapping[str, str]) -> tuple[str, ...]:
    """A mapping as a plan compares it whole: one that has more in it is another."""
    return tuple(sorted(f"{name}={value}" for name, value in mapping.items()))


def excluded(names: Sequence[str], org: Org) -> tuple[str, ...]:
    """The accounts that are to be left out; those that AWS has suspended are left out anyway."""
    return tuple(sorted(set(names) & set(org.members())))


def told(account_ids: Sequence[str], org: Org) -> tuple[str, ...]:
    """The accounts that are left out, by their names; who is no member any more does not count."""
    return excluded([org.name_of(account_id) for account_id in account_ids], org)


def ids(names: Sequence[str], org: Org) -> list[str]:
    """The ids of the accounts that are to be left out.

    Raises:
        RefusalError: one does not exist yet.
    """
    return [members.live(name, org).id for name in excluded(names, org)]


def unknown(names: Sequence[str], address: Address, org: Org) -> Iterator[Obstacle]:
    """What is in the way of leaving out an account that config.yaml does not name."""
    for name in sorted(set(names) - {MANAGEMENT, *org.accounts, *org.members()}):
        yield Obstacle(
            address,
            f"There is no account {name} in config.yaml.",
            f"Correct the name in exclude_accounts: accounts go by their keys; the management account is {MANAGEMENT}.",
        )


@dataclass(frozen=True)
class Standing:
    """In one text where something is deployed, and what a reader should know of where it is not."""

    where: str
    notes: tuple[Note, ...] = ()


def standing(sort: Sort, address: Address, status: Status | None, org: Org, aws: Reader) -> Standing:
    """Where something is deployed; an account to which AWS will deploy by itself does not count as left out."""
    name, at = address.name, address.at
    text = "" if status is None else status.text
    if text == "DELETE_IN_PROGRESS":
        return Standing("being deleted")
    failed = _failures(sort, name, aws.client("config", at)) if text.endswith("FAILED") else {}
    active = set(org.members())
    lost, notes = [], []
    for account_id, (code, message) in sorted(failed.items(), key=lambda item: org.name_of(item[0])):
        member = org.name_of(account_id)
        if _tried_again(account_id, code, org, aws):
            why = "It has joined without a configuration recorder; AWS Config tries again for 7 hours."
            notes.append(Note(f"The {sort.noun} {name} is not in {member} in {at.region} yet. {why}"))
        elif member in active:
            notes.append(Note(f"The {sort.noun} {name} is not in {member} in {at.region}: {code}: {message}"))
            lost.append(f"{member} ({code})")
    return Standing(f"not in {', '.join(lost)}" if lost else EVERYWHERE, tuple(notes))


def _failures(sort: Sort, name: str, config: Any) -> dict[str, tuple[str, str]]:
    """Where it has failed, by account id: with which code, and which message."""
    pages = config.get_paginator(sort.get_details).paginate(**{sort.name: name})
    return {
        one["AccountId"]: (one.get("ErrorCode", "no code given"), one.get("ErrorMessage", ""))
        for page in pages
        for one in page[sort.details]
        if one[sort.detail_status].endswith("FAILED")
    }


def _tried_again(account_id: str, code: str, org: Org, aws: Reader) -> bool:
    joined = next((account.joined for account in org.live_accounts() if account.id == account_id), 0.0)
    return code.startswith(_NO_RECORDER) and aws.now() < joined + _RETRIED_SECONDS


def put(sort: Sort, address: Address, send: Callable[[], object], org: Org, aws: Writer) -> None:
    """Have something deployed, by calling `send` as soon as Config is free, and wait until that is done.

    Config is at work on one conformance pack at a time. If it takes longer than the tool waits, it goes on by itself.

    Raises:
        RefusalError: it could not be deployed to some accounts.
    """
    name, config = address.name, aws.client("config", address.at)
    before = statuses(sort, config).get(name)
    _when_free(send, config, aws)

    def look() -> Status | None:
        return statuses(sort, config).get(name)

    after = aws.poll(look, lambda now: now is not None and now != before and not now.in_progress, _PATIENCE)
    if after is None or after == before:
        return
    stands = standing(sort, address, after, org, aws)
    if stands.where != EVERYWHERE:
        raise RefusalError(
            " ".join(note.text for note in stands.notes),
            "Mend it there, such as by recording with the step config; or name the account in exclude_accounts.",
        )


def delete(sort: Sort, address: Address, aws: Writer) -> None:
    """Have something removed from all accounts, and wait until that is done.

    Raises:
        RefusalError: it could not be removed from some accounts, or it takes long.
    """
    name, config = address.name, aws.client("config", address.at)
    before = statuses(sort, config).get(name)
    if before is None:
        # An answer that got lost: it went before.
        return
    if before.text != "DELETE_IN_PROGRESS":
        _when_free(lambda: getattr(config, sort.delete)(**{sort.name: name}), config, aws)

    def look() -> Status | None:
        return statuses(sort, config).get(name)

    left = aws.poll(look, lambda now: now is None or (now != before and not now.in_progress), _PATIENCE)
    if left is not None:
        failed = ", ".join(f"{one}: {' '.join(why)}" for one, why in sorted(_failures(sort, name, config).items()))
        raise RefusalError(
            f"AWS Config has not removed the {sort.noun} {name} from all accounts: {failed or left.text}.",
            "Run it again in a while.",
        )


def _when_free(send: Callable[[], object], config: Any, aws: Writer) -> None:
    """Send a request again as long as Config is at work on another.

    Raises:
        Exception: it was still at work in the end.
    """

    def attempt() -> Exception | None:
        try:
            send()
        except config.exceptions.ResourceInUseException as busy:
            refusal: Exception = busy
            return refusal
        return None

    busy = aws.poll(attempt, lambda refusal: refusal is None, _PATIENCE)
    if busy is not None:
        raise busy
