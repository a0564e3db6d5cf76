"""AWS Firewall Manager: the measured organizations have its administrator, and no policies."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """There is no organization, so there is nothing to ask."""
    return {}


def plan_of_what_is_built(size: Size) -> Needs:
    """Everything that is managed is looked at once, in one region for all of them."""
    return {
        "fms:GetAdminAccount": Need(1, "who administers it, and whether that account is ready"),
        "fms:ListAdminAccountsForOrganization": Need(1, "who administers it too, up to ten"),
    }


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    return {
        "fms:GetAdminAccount": Need(3, "before; whether it was taken, which a success does not tell; and ready"),
        "fms:AssociateAdminAccount": Need(1, "for all regions"),
        "fms:ListAdminAccountsForOrganization": Need(1, "after; before, there is none"),
    }
