"""Texts to ask a model and its equal: sentences, words of the model's own vocabulary at all lengths, and yours.

Yours are the lines of samples.txt beside byocgen.yaml, where there is one: texts as your callers send them say most,
above all of 8-bit weights.
"""

import random
from pathlib import Path
from typing import Any

from serving.checkpoint import Checkpoint

OWN = "samples.txt"
MOST_OWN = 500
LENGTHS = (1, 2, 3, 4, 6, 9, 13, 19, 28, 42, 63, 95, 142, 213, 320, 480, 600)  # tokens
LIKELY = 20  # a text of so many tokens is asked of each length where the model takes no longer ones
SENTENCES = (
    "The food was great and the service friendly.",
    "I waited an hour, and nobody came!",
    "Peter works at the harbour of New York; Anna lives in Oslo.",
    "Is this the right place to ask?",
    "No.",
    "THE PRICE WENT UP BY 12.5 % ON 3 MAY 2024, TO $1,299.99",
    "It's not what we'd hoped for, but it isn't bad either...",
    "A (very) long-winded answer: see https://example.com/a?b=c#d or write to someone@example.com.",
    "Der Zug nach München fährt um 8 Uhr ab, sagte der Schaffner.",
    "Le café était froid ; la serveuse, elle, était charmante.",
    "¿Dónde está la estación más cercana?",
    "Всё было хорошо, спасибо.",
    "これはとても良い本です。",
    "今天天气很好。",
    "هذا كتاب جيد",
    "naïve coöperation — “quoted”, déjà vu",
    "so good \U0001f600\U0001f44d",
    "tabs\tand\nnew lines   and   spaces",
)
QUESTIONS = ("Who wrote it?", "Where does Anna live?", "What went up, and by how much?", "When?")


def make(checkpoint: Checkpoint, project: Path) -> list[dict[str, str]]:
    """Give rows for the model's task, the same in every run."""
    tokenizer: Any = checkpoint.tokenizer
    texts = [
        text
        for text in (*SENTENCES, *_of_vocabulary(checkpoint), *_own(project))
        if tokenizer(text, verbose=False)["input_ids"]
    ]
    if checkpoint.task.name == "question-answering":
        return [
            {"question": QUESTIONS[place % len(QUESTIONS)], "context": text}
            for place, text in enumerate(texts)
            if tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
        ]
    if checkpoint.task.name == "fill-mask":
        texts = [_with_mask(text, tokenizer.mask_token) for text in texts]
    return [{"text": text} for text in texts]


def _of_vocabulary(checkpoint: Checkpoint) -> list[str]:
    chance = random.Random(0)  # noqa: S311 - samples, no secrets
    special = set(checkpoint.tokenizer.all_special_ids)
    known = [number for number in range(len(checkpoint.tokenizer)) if number not in special]
    longest = (checkpoint.limit or max(LENGTHS)) + LIKELY  # a little more than the model takes, which is cut
    lengths = [length for length in LENGTHS if length <= longest]
    lengths += [longest] if longest <= max(LENGTHS) else []
    return [
        checkpoint.tokenizer.decode(chance.choices(known, k=length), skip_special_tokens=True)
        for length in lengths
        for _ in range(3 if length <= LIKELY else 1)
    ]


def _own(project: Path) -> list[str]:
    path = project / OWN
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [line for line in lines if line.strip()][:MOST_OWN]


def _with_mask(text: str, mask: str) -> str:
    words = text.split()
    return " ".join([*words[:1], mask, *words[1:]])
