"""text-classification: a label and its score for each text, or several labels, the best first."""

from collections.abc import Mapping, Sequence
from typing import Any

from serving.columns import ColumnType
from serving.encoder import Encoder, Values, sigmoid, softmax
from serving.inputs import Parameter
from serving.padding import TRUNCATION, batches, encode

FUNCTIONS = ("softmax", "sigmoid", "none")


def parameters(encoder: Encoder) -> tuple[Parameter, ...]:
    """Tell what a request may ask for."""
    labels = encoder.config.num_labels
    return (
        Parameter(
            "top_k",
            ColumnType.INTEGER,
            1,
            labels,
            description="how many labels; without it the best one, not in a list",
        ),
        Parameter("return_all", ColumnType.BOOLEAN, description="every label", default=False),
        Parameter(
            "function_to_apply",
            ColumnType.STRING,
            values=FUNCTIONS,
            description="how scores are made of the model's numbers; without it as the model was trained",
        ),
        TRUNCATION,
    )


def predict(encoder: Encoder, data: Sequence[Mapping[str, str]], parameters: Mapping[str, Any]) -> list[Any]:
    """Give {"label", "score"} for each text, or a list of them with top_k or return_all."""
    encoded = encode(encoder, [row["text"] for row in data], truncation=parameters["truncation"])
    # Models that read the last token of a text find it by the padding: without a token for that, texts go one by one.
    alone = encoder.config.pad_token_id is None
    answers: list[Any] = [None] * len(data)
    for batch in batches(encoder, encoded, alone=alone):
        found = scores(encoder.config, encoder.run(batch.tensors)[0], parameters)
        for row, of_text in zip(batch.rows, found.tolist(), strict=True):
            answers[row] = _answer(encoder.config.id2label, of_text, parameters)
    return answers


def _answer(labels: Mapping[int, str], scores: Sequence[float], parameters: Mapping[str, Any]) -> Any:
    best = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)
    named = [{"label": labels[index], "score": scores[index]} for index in best]
    if parameters["return_all"]:
        return named
    return named[: parameters["top_k"]] if "top_k" in parameters else named[0]


def scores(config: Any, logits: Values, parameters: Mapping[str, Any]) -> Values:
    """Make scores of the model's numbers, as a request says, else as the model was trained."""
    chosen = parameters.get("function_to_apply") or function(config)
    if chosen == "softmax":
        return softmax(logits)
    return sigmoid(logits) if chosen == "sigmoid" else logits


def function(config: Any) -> str:
    """Tell how scores are made of a model's numbers, as transformers chooses it."""
    if config.problem_type == "regression":
        return "none"
    if config.problem_type == "multi_label_classification" or config.num_labels == 1:
        return "sigmoid"
    return "softmax"
