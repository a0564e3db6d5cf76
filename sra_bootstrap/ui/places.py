"""Many places in few words."""

from __future__ import annotations

from collections.abc import Sequence

from sra_bootstrap.model import ORGANIZATION, Address, Target
from sra_bootstrap.ui.wording import FEW, counted, kind_words, listed, literal

_FEW_BLOCKS = 3


def place_words(targets: Sequence[Target], *, verbose: bool = False) -> str:
    """Where, to be read after "in"; empty for the organization as a whole.

    Accounts that share their regions are said together, as in "17 regions x 12 accounts". Up to four accounts or
    regions are named, and all of them if `verbose`.
    """
    regions: dict[str, dict[str, None]] = {}
    for target in targets:
        regions.setdefault(target.account, {})[target.region] = None
    if list(regions) == [ORGANIZATION] and list(regions[ORGANIZATION]) == [""]:
        return ""
    accounts: dict[frozenset[str], list[str]] = {}
    for account, its_regions in regions.items():
        accounts.setdefault(frozenset(its_regions), []).append(account)
    if len(accounts) > _FEW_BLOCKS and not verbose:
        distinct = {target.region for target in targets}
        extent = f"{counted(len(distinct), 'region')}, {counted(len(regions), 'account')}"
        return f"{counted(len(targets), 'place')} ({extent})"
    return "; ".join(_block(named, list(regions[named[0]]), verbose=verbose) for named in accounts.values())


def address_words(address: Address) -> str:
    """A single address in words."""
    what = " ".join(filter(None, (kind_words(address.kind), literal(address.name))))
    where = place_words([address.at])
    return f"{what} in {where}" if where else what


def names_or_count(names: Sequence[str], noun: str, *, verbose: bool = False) -> str:
    """Up to four names, or all of them if `verbose`; else how many there are."""
    return listed(list(map(literal, names))) if verbose or len(names) <= FEW else counted(len(names), noun)


def _block(accounts: Sequence[str], regions: Sequence[str], *, verbose: bool) -> str:
    if len(accounts) == len(regions) == 1:
        return literal(str(Target(accounts[0], regions[0])))
    of_accounts = names_or_count(accounts, "account", verbose=verbose)
    if not any(regions):
        return of_accounts
    in_regions = names_or_count([region or "no region" for region in regions], "region", verbose=verbose)
    many = min(len(accounts), len(regions)) > FEW and not verbose
    return f"{in_regions} x {of_accounts}" if many else f"{in_regions} of {of_accounts}"
