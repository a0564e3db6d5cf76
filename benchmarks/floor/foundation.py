"""The caller, the organization, its accounts, and what belongs to it as a whole."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """What it takes to plan a bare management account: there is no organization, so there is nothing to ask it."""
    return {
        "sts:GetCallerIdentity": Need(1, "whose account this is"),
        "organizations:DescribeOrganization": Need(1, "whether there is an organization"),
        "account:ListRegions": Need(1, "which regions are enabled: 50 to a page, and AWS has fewer"),
        "controltower:ListLandingZones": Need(1, "whether AWS Control Tower is here"),
    }


def plan_of_what_is_built(size: Size) -> Needs:
    """What it takes to see that nothing is left to do: everything that is managed is looked at once."""
    return {
        "sts:GetCallerIdentity": Need(1, "whose account this is"),
        "sts:AssumeRole": Need(1, "to read in the security tooling account, the only one that is entered"),
        "account:ListRegions": Need(1, "which regions are enabled: 50 to a page, and AWS has fewer"),
        "controltower:ListLandingZones": Need(1, "whether AWS Control Tower is here"),
        "organizations:DescribeOrganization": Need(1, "its features, which nothing else tells"),
        "organizations:ListRoots": Need(1, "the root's id and the policy types, which nothing else tells"),
        "organizations:ListAccounts": Need(size.account_pages, "20 to a page, each with its place in the tree"),
        "organizations:ListOrganizationalUnitsForParent": Need(
            1 + size.parents, "the root and each OU that can have children: AWS lists one level at a time"
        ),
        "organizations:ListTagsForResource": Need(
            size.tagged, "each account with tags: no other operation of AWS Organizations tells them"
        ),
        "organizations:ListAWSServiceAccessForOrganization": Need(size.trust_pages, "20 to a page"),
        "organizations:ListDelegatedAdministrators": Need(1, "one page of accounts, without what they administer"),
        "organizations:ListDelegatedServicesForAccount": Need(size.administrators, "what each administrator is for"),
    }


def apply_to_nothing(size: Size) -> Needs:
    """What it takes to build all of it: look, write, look again."""
    return _organization(size) | _accounts(size)


def _organization(size: Size) -> Needs:
    """The caller, the organization, and what belongs to it as a whole."""
    twice = "before the first write, and after the last"
    return {
        "sts:GetCallerIdentity": Need(1, "whose account this is"),
        "sts:AssumeRole": Need(2, "in the security tooling account, to read with and to write with"),
        "account:ListRegions": Need(1, "planned again; nothing is written"),
        "controltower:ListLandingZones": Need(1, "planned again; nothing is written"),
        "organizations:DescribeOrganization": Need(2, "before and after it is made"),
        "organizations:CreateOrganization": Need(1, "once"),
        "organizations:ListRoots": Need(2, twice),
        "organizations:EnablePolicyType": Need(size.policy_types, "each; there is no batch"),
        "organizations:ListAWSServiceAccessForOrganization": Need(2, twice),
        "organizations:EnableAWSServiceAccess": Need(size.trusted, "each; there is no batch"),
        "organizations:ListOrganizationalUnitsForParent": Need(
            1 + 1 + size.parents, "before, the root has no OUs; after, the root and each OU that can have children"
        ),
        "organizations:CreateOrganizationalUnit": Need(size.units, "each; its answer tells the id"),
        "organizations:ListDelegatedAdministrators": Need(2, twice),
        "organizations:ListDelegatedServicesForAccount": Need(
            size.registered, "before, there are no administrators; after, what each is for"
        ),
        "organizations:RegisterDelegatedAdministrator": Need(size.delegated, "each; there is no batch"),
    }


def _accounts(size: Size) -> Needs:
    return {
        "organizations:ListAccounts": Need(
            1 + size.account_pages, "before, there is the management account; after, all, each with its place"
        ),
        "organizations:ListCreateAccountStatus": Need(1, "whether an earlier run has asked for any of them"),
        "organizations:CreateAccount": Need(size.accounts, "each; there is no batch"),
        "organizations:DescribeCreateAccountStatus": Need(size.accounts, "each at least once: how it went"),
        "organizations:MoveAccount": Need(size.moved, "each that does not stay in the root"),
        "organizations:ListTagsForResource": Need(2 * size.tagged, "each account with tags, before and after"),
        "organizations:TagResource": Need(size.tagged, "each account with tags"),
    }
