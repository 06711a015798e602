"""Tasks: what a transformers model can be asked to do, and how to tell it from the model's architecture.

The names are those of the Hugging Face hub and of model.task in byocgen.yaml. `serving.framework` has the code of each.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from serving.errors import StartError

ALIASES = {
    "sentiment-analysis": "text-classification",
    "ner": "token-classification",
    "embeddings": "feature-extraction",
}


@dataclass(frozen=True, slots=True)
class Task:
    """One task: the Auto class that loads its models, the endings of the architectures made for it, what of the model's
    output it answers with (nothing: the first).
    """

    name: str
    auto_class: str
    architectures: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ("logits",)


TASKS = {
    task.name: task
    for task in (
        Task("text-classification", "AutoModelForSequenceClassification", ("ForSequenceClassification",)),
        Task("token-classification", "AutoModelForTokenClassification", ("ForTokenClassification",)),
        Task(
            "question-answering",
            "AutoModelForQuestionAnswering",
            ("ForQuestionAnswering", "ForQuestionAnsweringSimple"),
            ("start_logits", "end_logits"),
        ),
        Task("fill-mask", "AutoModelForMaskedLM", ("ForMaskedLM", "WithLMHeadModel")),
        Task("text-generation", "AutoModelForCausalLM", ("ForCausalLM", "LMHeadModel")),
        Task("text2text-generation", "AutoModelForSeq2SeqLM", ("ForConditionalGeneration", "MTModel")),
        Task("summarization", "AutoModelForSeq2SeqLM"),
        Task("translation", "AutoModelForSeq2SeqLM"),
        Task("feature-extraction", "AutoModel", ("Model",), ()),
    )
}


def choose(wanted: str, architectures: Sequence[str]) -> Task:
    """Choose the task that byocgen.yaml names, else that of the model's architecture. Raises StartError."""
    name = ALIASES.get(wanted, wanted)
    if name in TASKS:
        return TASKS[name]
    known = ", ".join(sorted(TASKS))
    if wanted:
        raise StartError(f"model.task in byocgen.yaml is {wanted!r}; this server knows {known}")
    for architecture in architectures:
        for task in TASKS.values():
            if architecture.endswith(task.architectures):
                return task
    said = f"names {', '.join(architectures)}" if architectures else "names no architecture"
    raise StartError(
        f"config.json {said}, which does not tell the task: set model.task in byocgen.yaml to one of {known} and run "
        "`byocgen sync`"
    )
