"""What is wrong with the policies of config.yaml, beyond what their model tells."""

from __future__ import annotations

from collections.abc import Iterator

from sra_bootstrap.aws import known_regions, partition_of
from sra_bootstrap.errors import InputError
from sra_bootstrap.model import MANAGEMENT
from sra_bootstrap.org import Org
from sra_bootstrap.step import Finding
from steps.firewall_manager import content
from steps.firewall_manager.administrator import global_region
from steps.firewall_manager.settings import FirewallPolicy, FirewallSection, PolicyScope

_CLOUDFRONT = "AWS::CloudFront::Distribution"


def problems(section: FirewallSection, org: Org) -> Iterator[Finding]:
    """What is wrong, and where in the section."""
    for name, policy in section.policies.items():
        here = ("policies", name)
        for place, what in (*_of_regions(policy, org), *_of_accounts(policy, org), *_of_content(policy)):
            yield (*here, *place), what


def _of_regions(policy: FirewallPolicy, org: Org) -> Iterator[Finding]:
    partition, everywhere = partition_of(org.home_region), global_region(org)
    for index, region in enumerate(policy.regions):
        if region not in known_regions() or partition_of(region) != partition:
            yield ("regions", index), f"there is no region {region} in this part of AWS"
    if _CLOUDFRONT in policy.resource_types and policy.regions != (everywhere,):
        text = f"{_CLOUDFRONT} is protected in {everywhere} alone: let regions be [{everywhere}]"
        yield ("regions",) if policy.regions else ("resource_types",), text


def _of_accounts(policy: FirewallPolicy, org: Org) -> Iterator[Finding]:
    sides: dict[str, PolicyScope] = {"include": policy.include, "exclude": policy.exclude}
    for side, named in sides.items():
        for index, key in enumerate(named.accounts):
            if key not in {MANAGEMENT, *org.accounts}:
                text = f"there is no account {key}; accounts go by their keys, the management account is {MANAGEMENT}"
                yield (side, "accounts", index), text
        for index, path in enumerate(named.organizational_units):
            if path not in org.units:
                yield (side, "organizational_units", index), f"there is no OU {path}; OUs go by their paths"


def _of_content(policy: FirewallPolicy) -> Iterator[Finding]:
    where: tuple[str, ...] = ("data",) if policy.file is None else ("file",)
    try:
        data = content.data_of(policy)
    except InputError as error:
        for problem in error.problems:
            yield where, f"{policy.file.path if policy.file else ''}:{problem.line}: {problem.message}"
        return
    if data.get("type", policy.type) != policy.type:
        yield where, f"it says that its type is {data['type']}; leave that out, or let it be {policy.type}"
    for place, what in content.unfit(data):
        if policy.file is None:
            yield (*where, *place), what
        else:
            yield where, f"{policy.file.path}:{content.parsed(policy.file).line(place)}: {what}"
    for place, what in content.unfit(policy.option):
        yield ("option", *place), what
    size = len(content.written(data))
    if size > content.LONGEST:
        yield where, f"it has {size} characters without white space; a policy has {content.LONGEST} at most"
