"""transformers: how its models are loaded, described and called. The rest of the server knows no framework.

checkpoint      the folder of save_pretrained: config, safetensors, tokenizer; nothing fetched, none of its code run
compiled        a faster equal of it, for ONNX Runtime; where it serves, PyTorch and transformers are never imported
encoder         what these two have in common
tasks           what a model can be asked to do
padding         texts to tokens to batches
text_classes, token_classes, embeddings, masks, spans, generation     one task each
token_stream    a text as it is generated
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from serving import embeddings, masks, spans, text_classes, token_classes
from serving.encoder import Encoder
from serving.equality import ABSOLUTE, RELATIVE
from serving.errors import StartError
from serving.inputs import Inputs, Parameter, Texts
from serving.padding import batches
from serving.settings import ModelSettings

# On a CPU and with one thread, loading starts none that a fork would lose: neither PyTorch does nor ONNX Runtime.
SHARE_BY_FORK = True
Data = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Subject:
    """What answers a task: what a request holds, what it may ask for, and the function that predicts."""

    inputs: Texts
    parameters: Callable[[Any], tuple[Parameter, ...]]
    predict: Callable[[Any, Data, Mapping[str, Any]], list[Any]]
    check: Callable[[Any], None] = lambda _: None


TEXT = Texts(samples=("The food was great and the service friendly.",))
PROMPT = Texts(samples=("Once upon a time",))
QUESTION = Texts(("question", "context"), samples=("Who wrote it?", "The book was written by Mary Shelley in 1818."))
READING = {
    "text-classification": Subject(TEXT, text_classes.parameters, text_classes.predict),
    "token-classification": Subject(TEXT, token_classes.parameters, token_classes.predict),
    "feature-extraction": Subject(TEXT, embeddings.parameters, embeddings.predict, embeddings.check),
    "fill-mask": Subject(TEXT, masks.parameters, masks.predict, masks.check),
    "question-answering": Subject(QUESTION, spans.parameters, spans.predict, spans.check),
}
"""Tasks of one forward pass."""
WRITING = {
    "text-generation": PROMPT,
    "text2text-generation": TEXT,
    "summarization": TEXT,
    "translation": TEXT,
}
"""Tasks that write a text, token by token, and what they read."""


def load(settings: ModelSettings) -> Encoder:
    """Load the model, onto the GPU where there is one. Raises StartError that says what to change."""
    # Only here and where texts are written: importing PyTorch and transformers takes most of a start.
    loaded: Encoder = import_module("serving.checkpoint").load(settings)
    return loaded


def load_equal(settings: ModelSettings) -> tuple[Encoder | None, str]:
    """Load the compiled equal of the model; None and why not, where the model itself has to answer."""
    compiled = import_module("serving.compiled")  # an image for GPUs has no ONNX Runtime
    try:
        return compiled.read(settings, predict), ""
    except compiled.UnusableError as reason:
        return None, str(reason)


def check(model: object) -> None:
    """Refuse a model that this module cannot call. Raises StartError."""
    if not isinstance(model, Encoder):
        raise StartError(
            f"model_fn returned a {type(model).__name__}, which this server does not know how to ask: define predict_fn in "
            "inference.py, or leave model_fn out"
        )
    _subject(model).check(model)


def inputs(model: object) -> Inputs:
    """Tell what a request holds: a text, or a question and its context."""
    if not isinstance(model, Encoder):
        return TEXT
    found = _subject(model).inputs
    if model.task.name == "fill-mask":
        return replace(found, samples=(f"The food was {model.tokenizer.mask_token}.",))
    return found


def to_input(model: object, data: Data, names: tuple[str, ...]) -> Any:  # noqa: ARG001 - names are of data frames
    """Leave texts as they are; a model of model_fn's own gets {"inputs": [...]}, as in Hugging Face's own containers."""
    if isinstance(model, Encoder):
        return data
    return {"inputs": [row["text"] if row.keys() == {"text"} else dict(row) for row in data]}


def parameters(model: object) -> tuple[Parameter, ...]:
    """Tell what "parameters" of a request may say."""
    return _subject(model).parameters(model) if isinstance(model, Encoder) else ()


def warm_up_parameters(model: object) -> dict[str, Any]:
    """Tell what the server's own first request should say: one token is enough to have everything run once."""
    return {"max_new_tokens": 1} if isinstance(model, Encoder) and model.task.name in WRITING else {}


def predict(data: Data, model: Encoder, parameters: Mapping[str, Any]) -> list[Any]:
    """Answer each text. Raises RequestError for one that the model cannot take."""
    return _subject(model).predict(model, data, parameters)


def joins_requests(model: object) -> bool:
    """Tell whether several requests may be answered with one call, in which texts share batches."""
    return isinstance(model, Encoder)


def same_within(model: object) -> tuple[float, float]:
    """Tell how far numbers may lie apart that are the same, relatively and absolutely: 8 bits may round another way."""
    return getattr(model, "same_within", (RELATIVE, ABSOLUTE))


def requests_at_once(model: object) -> int | None:
    """Tell how many: where texts are written, as many as memory is planned for. None: as measured.

    A token takes all weights from memory, for one text or for many; that the first token shows little of it.
    """
    writes = isinstance(model, Encoder) and model.task.name in WRITING
    return int(getattr(model, "sequences", 1)) if writes else None


def stream(data: Data, model: Encoder, parameters: Mapping[str, Any]) -> Iterator[Any]:
    """Answer one text in pieces where the task writes one, else in one. Raises RequestError at once, not while it runs."""
    if model.task.name in READING:
        return iter(predict(data, model, parameters))
    generation, token_stream = _writing(), import_module("serving.token_stream")
    encoded = generation.prompts(model, data[:1], parameters)
    # Beams settle on their answer only at the end: a stream follows one.
    alone = {**parameters, "num_beams": 1}
    batch = next(batches(model, encoded))
    pieces: Iterator[Any] = token_stream.pieces(model, generation.prepare(model, batch, alone), alone)
    return pieces


def _subject(model: Encoder) -> Subject:
    name = model.task.name
    if name in READING:
        return READING[name]
    return Subject(WRITING[name], _writing().parameters, _writing().predict)


def _writing() -> Any:
    return import_module("serving.generation")
