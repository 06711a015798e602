"""A checkpoint: the folder that save_pretrained wrote, loaded for one task. Nothing is fetched and none of its code runs.

Weights come as safetensors only: the other form, pytorch_model.bin, is a pickle.
"""

import json
import logging
import os
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import Any

os.environ["HF_HUB_OFFLINE"] = "1"  # before the libraries read it: an endpoint has its model, or fails at once
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # threads are the lanes' business

import torch
import transformers

from serving import accelerator, tasks
from serving.encoder import Encoder, Places, Tensors, Values
from serving.errors import StartError
from serving.settings import ModelSettings
from serving.tasks import Task

LONGEST = 1_000_000  # tokens; tokenizers say "no limit" by a far larger number
SHOWN = 5  # names that a message lists
# Parts that a task's answers do not depend on, so that they may be missing from the file.
UNUSED = {"feature-extraction": ("pooler.",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint(Encoder):
    """The same with transformers' own model."""

    model: Any
    sequences: int = 16  # texts that are written at one time

    @property
    def device(self) -> torch.device:
        """Where the model computes."""
        device: torch.device = self.model.device
        return device

    def on_device(self, tensors: Tensors) -> dict[str, torch.Tensor]:
        """Bring a batch to where the model computes."""
        return {name: torch.from_numpy(values).to(self.device) for name, values in tensors.items()}

    def run(self, tensors: Tensors, at: Places | None = None) -> list[Values]:
        """See Encoder."""
        extra = {"use_cache": False} if "use_cache" in signature(self.model.forward).parameters else {}
        with torch.inference_mode():
            output = self.model(**self.on_device(tensors), **extra)
            found = outputs(self.task, output)
            if at is not None:
                rows, places = (torch.from_numpy(numbers).to(self.device) for numbers in at)
                found = [values[rows, places] for values in found]
            return [values.float().cpu().numpy() for values in found]


def outputs(task: Task, output: Any) -> list[torch.Tensor]:
    """Choose of what a model returned that which its task answers with."""
    return [getattr(output, name) for name in task.outputs] if task.outputs else [output[0]]


def load(settings: ModelSettings) -> Checkpoint:
    """Load model and tokenizer. Raises StartError that says what to change."""
    device = accelerator.prepare(settings.native_threads)
    _log_through_root()
    config = _config(settings.folder)
    task = tasks.choose(settings.task, config.get("architectures") or ())
    _find_weights(settings.folder)
    tokenizer = _tokenizer(settings.folder)
    model = _model(settings.folder, task, config).to(device).eval()
    limits = [limit for limit in (_limit(model, tokenizer), settings.context_tokens) if limit is not None]
    return Checkpoint(
        task=task,
        config=model.config,
        model=model,
        tokenizer=tokenizer,
        limit=min(limits, default=None),
        folder=settings.folder,
        sequences=settings.sequences,
    )


def _config(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise StartError(
            f"there is no folder {folder}: the platform unpacks model.tar.gz there; elsewhere set SM_MODEL_DIR"
        )
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StartError(_missing(folder)) from None
    except (OSError, ValueError) as error:
        raise StartError(f"config.json cannot be read: {error}; write it with model.save_pretrained") from None
    if not isinstance(config, dict) or not config.get("model_type"):
        raise StartError(
            "config.json has no model_type, so it is none of transformers: write it with model.save_pretrained"
        )
    return config


def _missing(folder: Path) -> str:
    deeper = sorted(path.parent.name for path in folder.glob("*/config.json"))
    found = ", ".join(sorted(path.name for path in folder.iterdir())[:SHOWN]) or "nothing"
    if deeper:
        return f"config.json is in {deeper[0]}/ of {folder}: pack the content of that folder, not the folder itself"
    fetch = "; HF_MODEL_ID is not fetched by this server" if os.environ.get("HF_MODEL_ID") else ""
    return (
        f"no model in {folder}: looked for config.json, model.safetensors and tokenizer files as save_pretrained writes "
        f"them; found {found}{fetch}. Another layout needs model_fn in inference.py"
    )


def _find_weights(folder: Path) -> None:
    if any(folder.glob("*.safetensors")):
        return
    pickled = sorted(path.name for path in folder.iterdir() if path.suffix in {".bin", ".pt", ".pth"})
    if pickled:
        raise StartError(
            f"{pickled[0]} is a pickle, which could run code: load it where you trust it and write "
            "model.save_pretrained(folder) again, which gives model.safetensors"
        )
    raise StartError(f"no weights in {folder}: looked for model.safetensors, as model.save_pretrained writes it")


def _tokenizer(folder: Path) -> Any:
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one of several files
        raise StartError(_unreadable("the tokenizer", folder, error, "tokenizer.save_pretrained")) from None
    # Where its files are missing, transformers makes one that knows no word.
    if set(tokenizer.get_vocab()) <= set(tokenizer.all_special_tokens):
        raise StartError(
            f"no tokenizer in {folder}: looked for tokenizer.json or a vocabulary, as tokenizer.save_pretrained writes them"
        )
    return tokenizer


def _model(folder: Path, task: Task, config: dict[str, Any]) -> Any:
    try:
        model, loading = getattr(transformers, task.auto_class).from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, use_safetensors=True, output_loading_info=True
        )
    except MemoryError:
        raise StartError("the model does not fit into memory: fewer workers, or an instance with more memory") from None
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one of several files
        if "auto_map" in config and config["model_type"] not in transformers.CONFIG_MAPPING:
            raise StartError(
                "this model brings code of its own (auto_map in config.json), which is never run from a model folder: "
                "put the code beside inference.py and load the model in model_fn"
            ) from None
        raise StartError(_unreadable("the model", folder, error, "model.save_pretrained") + _newer(config)) from None
    missing = sorted(name for name in loading["missing_keys"] if not name.startswith(UNUSED.get(task.name, ("\0",))))
    if missing:
        # transformers fills such weights with random numbers: every answer would be made up.
        raise StartError(
            f"the weights lack {', '.join(missing[:SHOWN])}{' ...' if len(missing) > SHOWN else ''}, which {task.name} needs: "
            f"config.json names {', '.join(config.get('architectures') or ['no architecture'])}; set model.task in "
            "byocgen.yaml to the task that the model was trained for"
        )
    return model


def _limit(model: Any, tokenizer: Any) -> int | None:
    """The most tokens that the tokenizer, or the model's table of positions, takes."""
    positions = getattr(model.config, "max_position_embeddings", None)
    limits = [tokenizer.model_max_length, positions]
    for name, module in model.named_modules():
        # RoBERTa and its kin count positions from behind the padding's.
        if "position" in name and isinstance(module, torch.nn.Embedding) and module.num_embeddings == positions:
            limits.append(positions - 1 - module.padding_idx if module.padding_idx is not None else positions)
    known = [int(limit) for limit in limits if isinstance(limit, int | float) and 0 < limit < LONGEST]
    return min(known, default=None)


def _unreadable(what: str, folder: Path, error: Exception, writer: str) -> str:
    problem = " ".join(str(error).replace(str(folder), "the model folder").split())[:300]
    return (
        f"{what} cannot be loaded: {type(error).__name__}: {problem}; is it complete, and was it written by {writer}?"
    )


def _newer(config: dict[str, Any]) -> str:
    written = str(config.get("transformers_version", ""))
    if not written or written == transformers.__version__:
        return ""
    return f" It was written by transformers {written}, this image has {transformers.__version__}: see model.framework_version"


def _log_through_root() -> None:
    logs: Any = transformers.utils.logging  # it has no types
    logs.disable_default_handler()
    logs.enable_propagation()
    logs.disable_progress_bar()
    logging.getLogger("huggingface_hub").handlers.clear()
