"""From the model in a folder to its equal beside it, or to the reason why there is none."""

import json
import os
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any

from optimize import graph, proof, quantization, samples
from serving import checkpoint, compiled, framework, hooks, padding
from serving.checkpoint import Checkpoint
from serving.compiled import FACTS, FOLDER, TOKENIZER, Compiled, UnusableError
from serving.errors import StartError
from serving.padding import PADDING
from serving.settings import ModelSettings
from serving.words import SOURCES

PROJECT = Path(__file__).resolve().parent.parent
# What the tasks read of a model's configuration and of its tokenizer.
CONFIG = ("num_labels", "id2label", "pad_token_id", "problem_type", "vocab_size")
KEPT = ("pad_token_id", "pad_token_type_id", "padding_side", "truncation_side", "mask_token", "mask_token_id")
ASKED_AGAIN = 4  # sample texts that the server asks again at start
CALIBRATING = 2  # every second sample text: the others were not looked at when scales were chosen


def add_equal(folder: Path) -> None:
    """Make `folder`/optimized, unless nothing equal can be made; then remove one that is there."""
    target = folder / FOLDER
    graph.remove(target)
    try:
        sys.stdout.write(f"{target}: {_compile(folder, target)}\n")
    except Exception as error:  # noqa: BLE001 - a model may be anything, and is packed whether this works or not
        graph.remove(target)
        reason = str(error) if isinstance(error, UnusableError) else f"{type(error).__name__}: {_line(error)}"
        sys.stdout.write(f"{target}: not made, PyTorch itself serves: {reason}\n")


def _compile(folder: Path, target: Path) -> str:
    settings = tomllib.loads((PROJECT / "serving.toml").read_text(encoding="utf-8"))
    wanted = settings["server"].get("optimize", "auto")
    if wanted == "off":
        raise UnusableError("serving.optimize is off")
    original = _original(folder, settings["model"])
    rows = samples.make(original, PROJECT)
    facts = _facts(original, settings["model"]["framework_version"])
    target.mkdir()
    graph.write(original, _inputs(original), target)
    original.tokenizer.backend_tokenizer.save(str(target / TOKENIZER))
    equal = _open(target, facts)
    proof.prove_equal(original, equal, rows)
    said = f"answers as {type(original.model).__name__} does, on {len(rows)} sample texts"
    if wanted == "int8":
        said = _in_8_bits(original, target, facts, rows)
        equal = _open(target, facts)
    given = proof.usual(original)
    kept = rows[:ASKED_AGAIN]
    facts |= {"parameters": given, "samples": kept}
    facts["answers"] = [framework.predict([row], equal, given)[0] for row in kept]
    (target / FACTS).write_text(json.dumps(facts, indent=1, sort_keys=True), encoding="utf-8")
    return said


def _original(folder: Path, settings: dict[str, Any]) -> Checkpoint:
    try:
        own = hooks.load(PROJECT)
        if own.model_fn or own.predict_fn or own.transform_fn:
            raise UnusableError("inference.py has a model_fn, predict_fn or transform_fn")
        threads = os.cpu_count() or 1
        given = (settings["name"], settings["framework"], settings["framework_version"], folder)
        original = checkpoint.load(ModelSettings(*given, str(settings.get("task", "")), threads))
        if original.task.name not in framework.READING:
            raise UnusableError(f"a model for {original.task.name} writes token by token, which is not compiled")
        framework.check(original)
    except StartError as error:
        raise UnusableError(str(error)) from error
    if not original.tokenizer.is_fast:
        raise UnusableError("its tokenizer has no tokenizer.json: save a fast one")
    return original


def _inputs(original: Checkpoint) -> list[str]:
    return [name for name in PADDING if name in original.tokenizer("a")]


def _facts(original: Checkpoint, version: str) -> dict[str, Any]:
    tokenizer = original.tokenizer
    config = {name: getattr(original.config, name, None) for name in CONFIG}
    names = [name for name in tokenizer("a") if name in SOURCES]
    return {
        "format": compiled.FORMAT,
        "framework_version": version,
        "source": compiled.digest(original.folder),
        "task": original.task.name,
        "limit": original.limit,
        "precision": "float32",
        "scales": "",
        "config": config,
        "tokenizer": {
            **{name: getattr(tokenizer, name) for name in KEPT},
            "unk_token_id": tokenizer.unk_token_id,
            "split_special_tokens": bool(tokenizer.split_special_tokens),
            "names": names,
            "tidies": _tidies(tokenizer),
        },
    }


def _tidies(tokenizer: Any) -> bool:
    """As transformers decides whether to tidy up the spaces of a text made of tokens."""
    if type(tokenizer.backend_tokenizer.model).__name__ == "BPE":
        return bool(
            getattr(tokenizer, "clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output", False)
        )
    return bool(tokenizer.clean_up_tokenization_spaces)


def _open(home: Path, facts: dict[str, Any]) -> Compiled:
    return compiled.open_folder(home, facts, os.cpu_count() or 1)


def _in_8_bits(original: Checkpoint, target: Path, facts: dict[str, Any], rows: list[dict[str, str]]) -> str:
    """Put weights of 8 bits in the place of the others where they are close enough; say which serves, and why."""
    encoded = proof.encoded(original, rows[::CALIBRATING])
    samples = [batch.tensors for batch in padding.batches(original, encoded, alone=True, side="right")]
    fresh = target.with_name(f"{FOLDER}.new")
    why = []
    for scales, write in quantization.WAYS.items():
        graph.remove(fresh)
        fresh.mkdir()
        changed = {"precision": "int8", "scales": scales}
        try:
            write(target, fresh, samples)
            shutil.copyfile(target / TOKENIZER, fresh / TOKENIZER)
            said = proof.prove_close(original, _open(fresh, facts | changed), rows)
        except Exception as reason:  # noqa: BLE001 - whatever a library makes of this graph, the next way may do
            graph.remove(fresh)
            why.append(f"{scales} scales: {_line(reason)}")
        else:
            graph.remove(target)
            fresh.rename(target)
            facts.update(changed)
            return "; ".join([f"int8, {scales} scales: {said}", *why])
    return f"float32, for int8 is not close enough: {'; '.join(why)}"


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
