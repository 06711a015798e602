"""Images with one fault each, built on a few lines: what only a container can show."""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from byocgen.verify import suite
from byocgen.verify.example import JSON, Example
from byocgen.verify.limits import MULTI_MODEL_LABEL, PORT_LABEL, Mode
from byocgen.verify.options import Options
from byocgen.verify.rule import Need, Result, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BROKEN = Path(__file__).parent / "broken"
GOOD = f"""\
FROM python:3.12-slim
WORKDIR /app
COPY --chmod=644 *.py ./
RUN mkdir -m 777 /cache
ENV PYTHONDONTWRITEBYTECODE=1
LABEL {PORT_LABEL}=true
ENTRYPOINT ["python", "reference.py"]
"""
IMAGES = {
    "good": "",
    "V901": "ENTRYPOINT python reference.py\n",
    "V902": 'ENTRYPOINT ["python", "fault.py", "root_only"]\n',
    "V903": 'ENTRYPOINT ["python", "fault.py", "writes_to_root"]\n',
    "v904": 'ENTRYPOINT ["python", "fault.py", "needs_network"]\n',
    "V902 V903": 'ENTRYPOINT ["python", "fault.py", "needs_much"]\n',
    "V902 V905": "RUN chmod 600 reference.py\n",
    "V907": f'LABEL {MULTI_MODEL_LABEL}=true\nENTRYPOINT ["python", "fault.py", "ignores_multi_model"]\n',
    "v908": f"LABEL {PORT_LABEL}=false\n",
    "V104": 'ENTRYPOINT ["python", "fault.py", "localhost_only"]\n',
}
"""By the rules that the image breaks: what its Dockerfile has more than the good one."""
ONLY = {"V901": frozenset({"V901"})}
"""The shell form does not hand on `serve`, so nothing else can be seen."""
SHOWN_ELSEWHERE = {"V906"}


def build(tag: str, dockerfile: str) -> None:
    command = ["docker", "build", "--quiet", "--tag", tag, "--file", "-", str(BROKEN)]
    subprocess.run(command, input=dockerfile.encode(), check=True, capture_output=True, timeout=300)


def options(image: str, model: Path, only: frozenset[str]) -> Options:
    example = Example(b'{"instances": [[1, 2], [3, 4], [5, 5]]}', JSON)
    return Options(image=image, model_dir=model, example=example, mode=Mode.SERVERLESS, only=only, start_timeout=60)


@pytest.fixture(scope="module")
def results(docker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], list[Result]]]:  # noqa: ARG001
    """Return `results(codes)`: build the image and run the suite, each once, two side by side."""
    tag = f"byocgen-verify-test:{os.getpid()}"
    model = tmp_path_factory.mktemp("model")
    (model / "model.txt").write_text("a model", "utf-8")
    tags = {codes: f"{tag}-{number}" for number, codes in enumerate(IMAGES)}

    def run(codes: str) -> list[Result]:
        build(tags[codes], GOOD + IMAGES[codes])
        return suite.run_all(options(tags[codes], model, ONLY.get(codes, frozenset({"V1", "V9"}))))

    with ThreadPoolExecutor(2) as pool:
        begun = {codes: pool.submit(run, codes) for codes in IMAGES}
        yield lambda codes: begun[codes].result()
    subprocess.run(["docker", "image", "rm", "--force", *tags.values()], check=True, capture_output=True)


@pytest.mark.parametrize("codes", IMAGES)
def test_a_broken_image_is_caught_by_its_own_check(codes: str, results: Callable[[str], list[Result]]) -> None:
    found = results(codes)
    marks = {Status.FAILED: str.upper, Status.WARNED: str.lower}
    broken = " ".join(marks[one.status](one.rule.code) for one in found if one.status in marks)
    assert codes.removeprefix("good") == broken, "\n\n".join(one.explain() for one in found)


def test_every_rule_about_images_has_an_image_that_breaks_it() -> None:
    rules = {rule.code for rule in suite.checks() if Need.IMAGE in rule.needs}
    assert rules - SHOWN_ELSEWHERE == {code.upper() for codes in IMAGES for code in codes.split()} & rules
