"""The image against the whole conformance suite, as a serverless endpoint, which asks most, would run it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen.verify import suite
from byocgen.verify.example import read
from byocgen.verify.limits import Mode
from byocgen.verify.options import Options
from byocgen.verify.rule import Status

if TYPE_CHECKING:
    from pathlib import Path


def test_the_image_breaks_no_rule(image: str, model: Path, project: Path) -> None:
    options = Options(
        image=image,
        model_dir=model,
        example=read(project / "payload.json"),
        mode=Mode.SERVERLESS,
        memory="1g",
        load_seconds=2,
        max_payload=6_291_456,  # the project is for real time
    )
    found = suite.run_all(options)
    broken = [one.explain() for one in found if one.status in {Status.FAILED, Status.WARNED}]
    assert broken == [], "\n\n".join(broken)
    assert {one.rule.code for one in found if one.status is Status.PASSED} >= {"V203", "V501", "V902", "V903", "V904"}
