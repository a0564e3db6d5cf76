from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from pydantic import BaseModel, Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import Change, Observation, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.registry import discover
from sra_bootstrap.step import Step, StepConfig
from sra_bootstrap.ui.listing import explanation, pipeline
from tests.ui.snapshots import matches, shown


class Colours(BaseModel):
    red: bool = Field(default=False, description="Whether [red] is meant.")


class Painting(Step[StepConfig]):
    """Paint the organization, from the [bold]painter[/bold] account.

    The architecture asks for colour, so that one can tell accounts apart. This paragraph goes over
    two lines of source.
    """

    class Config(StepConfig):
        """How to paint."""

        pots: tuple[str, ...] = Field(default=("a", "b"), description="The pots that are opened.")
        brush: str = Field(description="Which brush.")
        colours: Colours = Field(default_factory=Colours, description="The colours.")

    id = "painting"
    after: ClassVar[tuple[str, ...]] = ("canvas", "easel")
    trusted_access = ("painting.amazonaws.com",)
    delegates = ("painting.amazonaws.com",)
    home_first = frozenset({"undercoat"})
    kept: ClassVar[Mapping[str, str]] = {"varnish": "It cannot be taken off."}
    reads = frozenset({"painting:Look"})
    writes = frozenset({"painting:Paint", "painting:Mix"})
    implied = frozenset({"iam:CreateServiceLinkedRole"})
    considerations = ("Paint dries slowly.",)
    costs = "A pot for each account."
    irreversible = "What is painted stays painted."
    documentation = ("https://docs.aws.amazon.com/painting/",)

    def desired(self, org: Org) -> Iterable[Resource]:
        return ()

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        return ()

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        raise NotImplementedError


class Canvas(Painting):
    """Stretch the canvas."""

    Config = StepConfig  # type: ignore[assignment]
    id = "canvas"
    after = ()


def test_the_pipeline_is_a_table_in_its_order() -> None:
    steps = [Canvas(StepConfig()), Painting(Painting.Config(brush="b", enabled=False))]

    matches("steps.txt", shown(pipeline(steps), 100))


def test_a_step_explains_itself() -> None:
    matches("explain.txt", shown(explanation(Painting), 100))


def test_every_step_can_be_explained() -> None:
    for step in discover().values():
        text = shown(explanation(step))
        assert all(page in text for page in (*step.documentation, *step.reads, *step.writes))
