"""transformers: how its models are loaded, described and called. The rest of the server knows no framework.

checkpoint      the folder of save_pretrained: config, safetensors, tokenizer; nothing fetched, none of its code run
tasks           what a model can be asked to do
padding         texts to tokens to batches
text_classes, token_classes, embeddings, masks, spans, generation     one task each
token_stream    a text as it is generated
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from serving import checkpoint, embeddings, generation, masks, spans, text_classes, token_classes, token_stream
from serving.checkpoint import Checkpoint
from serving.errors import StartError
from serving.inputs import Inputs, Parameter, Texts
from serving.padding import batches
from serving.settings import ModelSettings

Data = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Subject:
    """What answers a task: what a request holds, what it may ask for, and the function that predicts."""

    inputs: Texts
    parameters: Callable[[Checkpoint], tuple[Parameter, ...]]
    predict: Callable[[Checkpoint, Data, Mapping[str, Any]], list[Any]]
    check: Callable[[Checkpoint], None] = lambda _: None


TEXT = Texts(samples=("The food was great and the service friendly.",))
PROMPT = Texts(samples=("Once upon a time",))
QUESTION = Texts(("question", "context"), samples=("Who wrote it?", "The book was written by Mary Shelley in 1818."))
WRITING = Subject(TEXT, generation.parameters, generation.predict)
SUBJECTS = {
    "text-classification": Subject(TEXT, text_classes.parameters, text_classes.predict),
    "token-classification": Subject(TEXT, token_classes.parameters, token_classes.predict),
    "feature-extraction": Subject(TEXT, embeddings.parameters, embeddings.predict, embeddings.check),
    "fill-mask": Subject(TEXT, masks.parameters, masks.predict, masks.check),
    "question-answering": Subject(QUESTION, spans.parameters, spans.predict, spans.check),
    "text-generation": replace(WRITING, inputs=PROMPT),
    "text2text-generation": WRITING,
    "summarization": WRITING,
    "translation": WRITING,
}


def load(settings: ModelSettings) -> Checkpoint:
    """Load the model, onto the GPU where there is one. Raises StartError that says what to change."""
    return checkpoint.load(settings)


def check(model: object) -> None:
    """Refuse a model that this module cannot call. Raises StartError."""
    if not isinstance(model, Checkpoint):
        raise StartError(
            f"model_fn returned a {type(model).__name__}, which this server does not know how to ask: define predict_fn in "
            "inference.py, or leave model_fn out"
        )
    SUBJECTS[model.task.name].check(model)


def inputs(model: object) -> Inputs:
    """Tell what a request holds: a text, or a question and its context."""
    if not isinstance(model, Checkpoint):
        return TEXT
    found = SUBJECTS[model.task.name].inputs
    if model.task.name == "fill-mask":
        return replace(found, samples=(f"The food was {model.tokenizer.mask_token}.",))
    return found


def to_input(model: object, data: Data, names: tuple[str, ...]) -> Any:  # noqa: ARG001 - names are of data frames
    """Leave texts as they are; a model of model_fn's own gets {"inputs": [...]}, as in Hugging Face's own containers."""
    if isinstance(model, Checkpoint):
        return data
    return {"inputs": [row["text"] if row.keys() == {"text"} else dict(row) for row in data]}


def parameters(model: object) -> tuple[Parameter, ...]:
    """Tell what "parameters" of a request may say."""
    return SUBJECTS[model.task.name].parameters(model) if isinstance(model, Checkpoint) else ()


def warm_up_parameters(model: object) -> dict[str, Any]:
    """Tell what the server's own first request should say: one token is enough to have everything run once."""
    writes = isinstance(model, Checkpoint) and SUBJECTS[model.task.name].predict is generation.predict
    return {"max_new_tokens": 1} if writes else {}


def predict(data: Data, model: Checkpoint, parameters: Mapping[str, Any]) -> list[Any]:
    """Answer each text. Raises RequestError for one that the model cannot take."""
    return SUBJECTS[model.task.name].predict(model, data, parameters)


def joins_requests(model: object) -> bool:
    """Tell whether several requests may be answered with one call, in which texts of like lengths share a batch.

    Not where texts are written: all would wait for the longest, and padding may turn a choice between two words.
    """
    return isinstance(model, Checkpoint) and SUBJECTS[model.task.name].predict is not generation.predict


def stream(data: Data, model: Checkpoint, parameters: Mapping[str, Any]) -> Iterator[Any]:
    """Answer one text in pieces where the task writes one, else in one. Raises RequestError at once, not while it runs."""
    if SUBJECTS[model.task.name].predict is not generation.predict:
        return iter(predict(data, model, parameters))
    encoded = generation.prompts(model, data[:1], parameters)
    # Beams settle on their answer only at the end: a stream follows one.
    alone = {**parameters, "num_beams": 1}
    batch = next(batches(model, encoded))
    return token_stream.pieces(model, generation.prepare(model, batch, alone), alone)
