"""The images against the whole conformance suite: as a serverless endpoint, which asks most, and for many models."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from tests.image.container import engine
from tests.image.images import FRAMEWORKS, Image, heavy

from byocgen.verify import suite
from byocgen.verify.example import read
from byocgen.verify.limits import MODELS_FOLDER, MULTI_MODEL_LABEL, Mode
from byocgen.verify.options import Options
from byocgen.verify.rule import Result, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    Images = Mapping[str, Future[Image]]
    Examined = Callable[[str], list[Result]]

MULTI_MODEL = "sklearn for many models"
OF_CONTAINERS = {"V203", "V501", "V902", "V903", "V904"}
"""Some rules that an image must not merely be excused from."""


def for_one(built: Image) -> list[Result]:
    """Examine an image as an endpoint of one model."""
    options = Options(
        image=built.tag,
        model_dir=built.model,
        example=read(built.project / "payload.json"),
        mode=Mode.SERVERLESS,
        memory="1g",
        load_seconds=2,
        max_payload=6_291_456,  # the project is for real time
    )
    return suite.run_all(options)


def for_many(built: Image, tag: str, model: Path) -> list[Result]:
    """Examine the image with the label as an endpoint of many models, of which its memory holds a few at a time."""
    built.build("--label", f"{MULTI_MODEL_LABEL}=true", tag=tag)
    options = Options(
        image=tag,
        models={name: f"{MODELS_FOLDER}/{name}/model" for name in ("a", "b")},
        model_dirs=dict.fromkeys(("a", "b"), model),
        example=read(built.project / "payload.json"),
        mode=Mode.MULTI_MODEL,
        memory="512m",
        load_seconds=2,
    )
    return suite.run_all(options)


@pytest.fixture(scope="module")
def examined(images: Images, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Examined]:
    """Return `examined(subject) -> results`: every image in its turn, two side by side."""
    tag = f"{images['sklearn'].result().tag}-many"
    folder = tmp_path_factory.mktemp("many")
    with ThreadPoolExecutor(2) as pool:
        begun = {name: pool.submit(lambda one: for_one(one.result()), images[name]) for name in FRAMEWORKS}
        begun[MULTI_MODEL] = pool.submit(
            lambda one: for_many(one, tag, heavy(one.model, folder / "model")), images["sklearn"].result()
        )
        yield lambda subject: begun[subject].result()
    engine("image", "rm", "--force", tag)


def broken(results: list[Result]) -> list[str]:
    return [one.explain() for one in results if one.status in {Status.FAILED, Status.WARNED}]


def passed(results: list[Result]) -> set[str]:
    return {one.rule.code for one in results if one.status is Status.PASSED}


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_image_breaks_no_rule(framework: str, examined: Examined) -> None:
    found = examined(framework)
    assert broken(found) == [], "\n\n".join(broken(found))
    assert passed(found) >= OF_CONTAINERS


def test_many_models_in_little_memory_break_no_rule(examined: Examined) -> None:
    found = examined(MULTI_MODEL)
    assert broken(found) == [], "\n\n".join(broken(found))
    skipped = {one.rule.code for one in found if one.status is Status.SKIPPED and one.rule.code.startswith("V7")}
    # V708 waits for a refusal; this server lets the least recently used model go instead, and answers with all of them.
    assert skipped == {"V708"}
    assert passed(found) >= {*OF_CONTAINERS, "V107", "V907"}
