"""Who must get into the member accounts whatever the policies say, when nothing else does any more."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class BreakGlass(BaseModel):
    """A role that no policy may keep from what it is there for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: Annotated[str, Field(min_length=1)] = Field(
        description="The name of the role in each account, behind its path if it has one; * stands for any text."
    )
    actions: Annotated[tuple[str, ...], Field(min_length=1)] = Field(
        description="The IAM actions that it must keep, as in iam:PutRolePolicy or iam:*."
    )
