"""Parameters of each task: what is wrong is named, and never a default taken in its place."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.frameworks.asking import Asking
from tests.frameworks.checkpoints import of_bart, of_bert, of_gpt
from tests.frameworks.layer import Layer

MAKERS: dict[str, Callable[[Path], Path]] = {
    "text-classification": lambda folder: of_bert("ForSequenceClassification", folder),
    "token-classification": lambda folder: of_bert("ForTokenClassification", folder),
    "feature-extraction": lambda folder: of_bert("Model", folder),
    "fill-mask": lambda folder: of_bert("ForMaskedLM", folder),
    "question-answering": lambda folder: of_bert("ForQuestionAnswering", folder),
    "text-generation": of_gpt,
    "summarization": of_bart,
}


@pytest.fixture(scope="module")
def asking() -> Asking:
    return Asking(Layer("transformers"))


@pytest.mark.parametrize(
    ("task", "parameters", "path"),
    [
        ("text-classification", {"top_k": 0}, "parameters.top_k"),
        ("text-classification", {"topk": 1}, "parameters.topk"),
        ("text-classification", {"function_to_apply": "tanh"}, "parameters.function_to_apply"),
        ("token-classification", {"aggregation_strategy": "all"}, "parameters.aggregation_strategy"),
        ("feature-extraction", {"pooling": "sum"}, "parameters.pooling"),
        ("fill-mask", {"top_k": 100_000}, "parameters.top_k"),
        ("question-answering", {"max_answer_len": "x"}, "parameters.max_answer_len"),
        ("text-generation", {"max_new_tokens": 100_000}, "parameters.max_new_tokens"),
        ("text-generation", {"temperature": -1}, "parameters.temperature"),
        ("text-generation", {"do_sample": 1}, "parameters.do_sample"),
        ("text-generation", {"stop": ["a"]}, "parameters.stop"),
        ("summarization", {"num_beams": 99}, "parameters.num_beams"),
    ],
)
def test_parameters_are_checked(
    tmp_path: Path, asking: Asking, *, task: str, parameters: dict[str, Any], path: str
) -> None:
    with pytest.raises(asking.layer.errors.RequestError) as error:
        asking.ask(asking.load(MAKERS[task](tmp_path), task), ["anna"], **parameters)
    assert (error.value.status, error.value.path) == (400, path)


@pytest.mark.parametrize(("task", "given"), [("text-classification", {}), ("text-generation", {"max_new_tokens": 1})])
def test_the_servers_own_first_request_asks_for_little(
    tmp_path: Path, asking: Asking, *, task: str, given: dict[str, Any]
) -> None:
    model = asking.load(MAKERS[task](tmp_path), task)

    assert asking.layer.framework.warm_up_parameters(model) == given
    asking.ask(model, ["anna"], **given)
