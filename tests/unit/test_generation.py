"""What a model file tells of the memory that texts take, and what the server is told of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.asking import contents
from tests.unit.examples import HEAD

from byocgen.commands.filling import generation
from byocgen.inspect.facts import Facts, Format, Network, Parameters

NETWORK = Network(
    architecture="LlamaForCausalLM",
    task="text-generation",
    context_length=131_072,
    layers=32,
    attention_heads=32,
    kv_heads=8,
    head_dim=128,
    hidden_size=4096,
)
FACTS = Facts(
    path="model",
    format=Format.TRANSFORMERS,
    file_bytes=16_060_522_496,
    framework="transformers",
    parameters=(Parameters("bfloat16", 8_030_261_248, 16_060_522_496),),
    network=NETWORK,
)


def test_keys_and_values_are_those_of_all_layers_and_kv_heads() -> None:
    assert generation(FACTS) == {"kv_kib_per_token": 128.0, "context_tokens": 8192, "sequences": 4}


def test_a_short_context_is_planned_for_whole() -> None:
    found = generation(replace(FACTS, network=replace(NETWORK, context_length=1024)))
    assert found is not None
    assert found["context_tokens"] == 1024


def test_quantized_weights_have_keys_and_values_of_two_bytes() -> None:
    packed = (Parameters("uint8", 4_000_000_000, 4_000_000_000),)
    found = generation(replace(FACTS, parameters=packed, network=replace(NETWORK, quantization="bitsandbytes")))
    assert found is not None
    assert found["kv_kib_per_token"] == 128.0


UNKNOWN = {
    "no network": replace(FACTS, network=None),
    "a classifier": replace(FACTS, network=replace(NETWORK, task="text-classification")),
    "no layers": replace(FACTS, network=replace(NETWORK, layers=None)),
    "no context": replace(FACTS, network=replace(NETWORK, context_length=None)),
    "no weights": replace(FACTS, parameters=()),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_what_the_file_does_not_say_is_not_filled_in(case: str) -> None:
    assert generation(UNKNOWN[case]) is None


def test_the_server_keeps_to_what_memory_is_planned_for() -> None:
    block = "generation: {kv_kib_per_token: 36, context_tokens: 1024, sequences: 2}"
    text = contents(HEAD + f"model: {{framework: transformers, artifact: m, task: text-generation, {block}}}\n")[
        "serving.toml"
    ]
    assert "context_tokens = 1024  # memory is planned for so many\n" in text
    assert "sequences = 2  # memory is planned for so many at one time\n" in text


def test_without_the_block_the_model_says_how_long_a_text_may_be() -> None:
    text = contents(HEAD + "model: {framework: transformers}\n")["serving.toml"]
    assert "context_tokens" not in text
    assert "sequences = 16  # " in text
