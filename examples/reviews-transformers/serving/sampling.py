"""Sampling with a seed of its own for each text, so that an answer depends on nothing else in the same process.

transformers draws from PyTorch's one random state, which all threads share. Here generate() always takes the likeliest
token, and `Draw` makes that the one that was drawn.
"""

import copy
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from transformers import (
    GenerationConfig,
    LogitsProcessor,
    LogitsProcessorList,
    StoppingCriteria,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

TEMPERATURE = 0.7  # as transformers' pipeline samples where neither request nor model says
TOP_K = 50


class Draw(LogitsProcessor):
    """Draws a token for each row and leaves nothing else to choose."""

    def __init__(self, rows: int, seed: int | None, device: torch.device) -> None:
        """One random state a row: with a seed the same for each, whatever else is in the batch."""
        seeds = [secrets.randbits(63) if seed is None else seed for _ in range(rows)]
        self._generators = [torch.Generator(device).manual_seed(number) for number in seeds]

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:  # noqa: ARG002 - its interface
        """Give scores of which only the drawn token's is finite."""
        chances = scores.softmax(dim=-1)
        drawn = [
            torch.multinomial(row, 1, generator=generator)
            for row, generator in zip(chances, self._generators, strict=True)
        ]
        return torch.full_like(scores, -torch.inf).scatter_(1, torch.stack(drawn), 0.0)


class Ends(StoppingCriteria):
    """Ends a row when its text holds the stop text, and all rows when nobody waits any more."""

    def __init__(
        self, decode: Callable[[list[int]], str], begins: int, stop: str, is_wanted: Callable[[], bool]
    ) -> None:
        """`begins` is where in a row the new tokens begin."""
        self._decode = decode
        self._begins = begins
        self._stop = stop
        # A token is at least a byte of text, but for tokens that are none: look back a little further than the stop text.
        self._window = len(stop.encode()) + 8
        self._is_wanted = is_wanted

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor, **_: Any) -> torch.Tensor:  # noqa: ARG002
        """Tell for each row whether it is done."""
        if not self._is_wanted():
            return torch.ones(len(input_ids), dtype=torch.bool, device=input_ids.device)
        done = [False] * len(input_ids)
        if self._stop:
            tails = input_ids[:, max(self._begins, input_ids.shape[1] - self._window) :].tolist()
            done = [self._stop in self._decode(tail) for tail in tails]
        return torch.tensor(done, device=input_ids.device)


@dataclass(frozen=True, slots=True)
class Way:
    """How the next token is chosen: generate()'s configuration, and what to sample with, None for the likeliest."""

    config: GenerationConfig
    sampling: tuple[float, int, float] | None  # temperature, top_k, top_p
    seed: int | None

    def processors(self, rows: int, device: torch.device) -> LogitsProcessorList:
        """Give what changes the scores of the next token."""
        if self.sampling is None:
            return LogitsProcessorList()
        temperature, top_k, top_p = self.sampling
        narrowed: list[LogitsProcessor] = [TemperatureLogitsWarper(temperature)] if temperature != 1.0 else []
        narrowed += [TopKLogitsWarper(top_k)] if top_k else []
        narrowed += [TopPLogitsWarper(top_p)] if top_p < 1.0 else []
        return LogitsProcessorList([*narrowed, Draw(rows, self.seed, device)])


def choose(own: GenerationConfig, parameters: Mapping[str, Any], pad: int | None, new_tokens: int) -> Way:
    """Choose from the request's parameters, else the model's generation_config, else what transformers' pipeline does."""
    asked = any(name in parameters for name in ("temperature", "top_k", "top_p", "seed"))
    samples = parameters.get("do_sample", asked or bool(own.do_sample))
    temperature = _first(parameters.get("temperature"), own.temperature, TEMPERATURE)
    config: Any = copy.deepcopy(own)
    config.update(
        do_sample=False,
        **dict.fromkeys(
            ("temperature", "top_k", "top_p", "min_p", "typical_p", "epsilon_cutoff", "eta_cutoff", "max_length")
        ),
        max_new_tokens=new_tokens,
        pad_token_id=pad,
        num_beams=1 if samples else _first(parameters.get("num_beams"), own.num_beams, 1),
        repetition_penalty=_first(parameters.get("repetition_penalty"), own.repetition_penalty, 1.0),
    )
    if not samples or temperature == 0:
        return Way(config, None, None)
    top_k = _first(parameters.get("top_k"), own.top_k, TOP_K)
    top_p = _first(parameters.get("top_p"), own.top_p, 1.0)
    return Way(config, (temperature, top_k, top_p), parameters.get("seed"))


def _first(*values: Any) -> Any:
    return next(value for value in values if value is not None)
