"""The password policy of an account: what is stricter there already stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from sra_bootstrap.values import Attrs, Value

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

_NAMES = {
    "minimum_length": "MinimumPasswordLength",
    "lowercase": "RequireLowercaseCharacters",
    "uppercase": "RequireUppercaseCharacters",
    "numbers": "RequireNumbers",
    "symbols": "RequireSymbols",
    "max_age_days": "MaxPasswordAge",
    "remembered": "PasswordReusePrevention",
    "users_may_change": "AllowUsersToChangePassword",
}
"""What config.yaml calls a setting, and what IAM does."""
_KEPT = ("HardExpiry",)
"""What IAM resets with every update, and config.yaml says nothing of."""


class PasswordPolicy(BaseModel):
    """What the passwords of IAM users must be like. The defaults are those of AWS's SRA examples."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(default=True, description="Whether every account gets one. A stricter one stays as it is.")
    minimum_length: int = Field(default=14, ge=6, le=128, description="How long a password is at least.")
    lowercase: bool = Field(default=True, description="Whether it has a lowercase letter.")
    uppercase: bool = Field(default=True, description="Whether it has an uppercase letter.")
    numbers: bool = Field(default=True, description="Whether it has a number.")
    symbols: bool = Field(default=True, description="Whether it has a symbol.")
    max_age_days: int | None = Field(
        default=90, ge=1, le=1095, description="After how many days it expires; null for whatever an account has set."
    )
    remembered: int | None = Field(
        default=24, ge=1, le=24, description="How many earlier passwords cannot be used again; null likewise."
    )
    users_may_change: bool = Field(default=True, description="Whether users may change their own.")

    def wanted(self) -> dict[str, Value]:
        """What is set in every account."""
        return {name: value for name in _NAMES if (value := getattr(self, name)) is not None}


def seen(wanted: Attrs, iam: IAMClient) -> Attrs | None:
    """The policy of an account, or None; what is stricter in it than wanted shows as wanted."""
    policy = _current(iam)
    if policy is None:
        return None
    return {name: wanted[name] if _stricter(name, policy, wanted) else policy.get(_NAMES[name]) for name in wanted}


def put(wanted: Attrs, iam: IAMClient) -> None:
    """Set what is wanted, and again what is stricter, as IAM takes all of it at once."""
    policy = _current(iam) or {}
    request = {key: value for key, value in policy.items() if key in {*_NAMES.values(), *_KEPT}}
    request |= {_NAMES[name]: value for name, value in wanted.items() if not _stricter(name, policy, wanted)}
    iam.update_account_password_policy(**request)


def _current(iam: IAMClient) -> dict[str, Any] | None:
    try:
        return dict(iam.get_account_password_policy()["PasswordPolicy"])
    except iam.exceptions.NoSuchEntityException:
        return None


def _stricter(name: str, policy: dict[str, Any], wanted: Attrs) -> bool:
    """Whether a policy asks for more than is wanted."""
    there: Any = policy.get(_NAMES[name])
    least: Any = wanted[name]
    if there is None or name == "users_may_change":
        return False
    return bool(there < least if name == "max_age_days" else there > least)
