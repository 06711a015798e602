"""What is found in a model folder of transformers: the task, what is missing or wrong, and what is never done with it."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from tests.frameworks import checkpoints
from tests.frameworks.checkpoints import LIMIT, of_bart, of_bert, of_gpt
from tests.frameworks.layer import Layer


@pytest.fixture(scope="module")
def layer() -> Layer:
    return Layer("transformers")


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return of_bert("ForSequenceClassification", tmp_path_factory.mktemp("models") / "classifier")


@pytest.fixture
def folder(classifier: Path, tmp_path: Path) -> Path:
    """A copy to break."""
    return Path(shutil.copytree(classifier, tmp_path / "model"))


def load(layer: Layer, folder: Path, task: str = "") -> Any:
    model = layer.framework.load(layer.settings.ModelSettings("churn", "transformers", "5.23.0", folder, task))
    layer.framework.check(model)
    return model


def refusal(layer: Layer, folder: Path, task: str = "") -> str:
    with pytest.raises(layer.errors.StartError) as error:
        load(layer, folder, task)
    return str(error.value)


def set_config(folder: Path, **values: Any) -> None:
    path = folder / "config.json"
    config = {**json.loads(path.read_text(encoding="utf-8")), **values}
    kept = {name: value for name, value in config.items() if value is not None}
    path.write_text(json.dumps(kept), encoding="utf-8")


# The task.


@pytest.mark.parametrize(
    ("architecture", "task"),
    [
        ("BertForSequenceClassification", "text-classification"),
        ("RobertaForTokenClassification", "token-classification"),
        ("DistilBertForQuestionAnswering", "question-answering"),
        ("XLMForQuestionAnsweringSimple", "question-answering"),
        ("BertForMaskedLM", "fill-mask"),
        ("LlamaForCausalLM", "text-generation"),
        ("GPT2LMHeadModel", "text-generation"),
        ("T5ForConditionalGeneration", "text2text-generation"),
        ("MarianMTModel", "text2text-generation"),
        ("BertModel", "feature-extraction"),
    ],
)
def test_the_architecture_tells_the_task(layer: Layer, architecture: str, task: str) -> None:
    assert layer.tasks.choose("", [architecture]).name == task


def test_byocgen_yaml_names_the_task(layer: Layer) -> None:
    assert layer.tasks.choose("summarization", ["T5ForConditionalGeneration"]).name == "summarization"
    assert layer.tasks.choose("ner", []).name == "token-classification"


def test_every_task_can_be_loaded_and_answered(layer: Layer) -> None:
    assert layer.tasks.TASKS.keys() == {**layer.framework.READING, **layer.framework.WRITING}.keys()
    assert all(hasattr(transformers, task.auto_class) for task in layer.tasks.TASKS.values())


def test_an_unknown_task_or_architecture_names_the_known(layer: Layer, folder: Path) -> None:
    assert refusal(layer, folder, "image-classification").startswith(
        "model.task in byocgen.yaml is 'image-classification'; this server knows feature-extraction, fill-mask"
    )
    set_config(folder, architectures=["DistilBertForMultipleChoice"])
    assert refusal(layer, folder).startswith(
        "config.json names DistilBertForMultipleChoice, which does not tell the task: set model.task in byocgen.yaml to one of"
    )
    set_config(folder, architectures=None)
    assert refusal(layer, folder).startswith("config.json names no architecture")


def test_weights_of_another_task_are_refused_rather_than_made_up(layer: Layer, folder: Path) -> None:
    message = refusal(layer, folder, "question-answering")

    assert message == (
        "the weights lack qa_outputs.bias, qa_outputs.weight, which question-answering needs: config.json names "
        "DistilBertForSequenceClassification; set model.task in byocgen.yaml to the task that the model was trained for"
    )


def test_vectors_can_be_had_of_a_model_of_another_task(layer: Layer, folder: Path) -> None:
    model = load(layer, folder, "feature-extraction")

    parameters = layer.parameters.checked({}, layer.framework.parameters(model))
    [vector] = layer.framework.predict([{"text": "anna"}], model, parameters)
    assert len(vector) == 16


# The files.


def test_no_model_names_what_was_found(layer: Layer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "readme.txt").touch()
    message = refusal(layer, tmp_path)
    assert message.startswith(f"no model in {tmp_path}: looked for config.json, model.safetensors and tokenizer files")
    assert "found readme.txt. Another layout needs model_fn" in message

    monkeypatch.setenv("HF_MODEL_ID", "distilbert/distilbert-base-uncased")
    assert "HF_MODEL_ID is not fetched by this server" in refusal(layer, tmp_path)
    assert refusal(layer, tmp_path / "none").startswith(f"there is no folder {tmp_path / 'none'}")


def test_a_folder_inside_the_folder(layer: Layer, folder: Path) -> None:
    assert refusal(layer, folder.parent) == (
        f"config.json is in model/ of {folder.parent}: pack the content of that folder, not the folder itself"
    )


@pytest.mark.parametrize("text", ["", "{", "[]", '{"architectures": ["BertModel"]}'])
def test_a_config_that_is_none(layer: Layer, folder: Path, text: str) -> None:
    (folder / "config.json").write_text(text, encoding="utf-8")

    assert refusal(layer, folder).endswith("write it with model.save_pretrained")


def test_no_weights(layer: Layer, folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    assert refusal(layer, folder).startswith(f"no weights in {folder}: looked for model.safetensors")


def test_weights_that_are_a_pickle_are_refused(layer: Layer, folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    torch.save({}, folder / "pytorch_model.bin")

    assert refusal(layer, folder).startswith(
        "pytorch_model.bin is a pickle, which could run code: load it where you trust it"
    )


@pytest.mark.parametrize("size", [0, 100, 20_000])
def test_weights_that_were_cut_off(layer: Layer, folder: Path, size: int) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:size])

    message = refusal(layer, folder)
    assert message.startswith("the model cannot be loaded: ")
    assert str(folder) not in message


def test_weights_of_another_size(layer: Layer, folder: Path) -> None:
    set_config(folder, dim=32)

    assert refusal(layer, folder).startswith("the model cannot be loaded: ")


def test_a_model_of_a_later_transformers(layer: Layer, folder: Path) -> None:
    set_config(folder, model_type="bert9000", transformers_version="9.0.0")

    assert refusal(layer, folder).endswith(
        f"It was written by transformers 9.0.0, this image has {transformers.__version__}: see model.framework_version"
    )


def test_no_tokenizer(layer: Layer, folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    assert refusal(layer, folder).startswith("the tokenizer cannot be loaded: ")
    # transformers itself would go on without any of the files, with a tokenizer that knows no word.
    (folder / "tokenizer_config.json").unlink()
    assert refusal(layer, folder).startswith(f"no tokenizer in {folder}: looked for tokenizer.json or a vocabulary")


@pytest.mark.parametrize("name", ["tokenizer.json", "tokenizer_config.json"])
def test_a_tokenizer_that_cannot_be_read(layer: Layer, folder: Path, name: str) -> None:
    (folder / name).write_text("{", encoding="utf-8")

    message = refusal(layer, folder)
    assert message.startswith("the tokenizer cannot be loaded: ")
    assert message.endswith("was it written by tokenizer.save_pretrained?")


def test_code_of_a_model_folder_is_never_run(layer: Layer, folder: Path, tmp_path: Path) -> None:
    code = (
        f"open({str(tmp_path / 'ran')!r}, 'w')\nfrom transformers import PretrainedConfig as C, PreTrainedModel as M\n"
    )
    (folder / "own.py").write_text(code, encoding="utf-8")
    auto_map = {"AutoConfig": "own.C", "AutoModelForSequenceClassification": "own.M"}
    set_config(folder, auto_map=auto_map, model_type="own")

    message = refusal(layer, folder)
    assert message.startswith("this model brings code of its own (auto_map in config.json), which is never run")
    assert not (tmp_path / "ran").exists()


def test_the_hub_is_never_asked(layer: Layer) -> None:
    assert layer.checkpoint.__name__ == "serving.checkpoint"
    assert os.environ["HF_HUB_OFFLINE"] == "1"


# How much a model takes.


def test_the_limit_is_the_smaller_of_the_models_and_the_tokenizers(layer: Layer, folder: Path) -> None:
    assert load(layer, folder).limit == LIMIT
    path = folder / "tokenizer_config.json"
    own = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**own, "model_max_length": 20}), encoding="utf-8")
    assert load(layer, folder).limit == 20
    path.write_text(json.dumps({**own, "model_max_length": int(1e30)}), encoding="utf-8")
    assert load(layer, folder).limit == LIMIT


def test_positions_that_begin_behind_the_paddings_are_fewer(layer: Layer, tmp_path: Path) -> None:
    tokenizer = checkpoints.pieces()
    tokenizer.model_max_length = int(1e30)
    small: dict[str, Any] = {
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
    }
    config = transformers.RobertaConfig(vocab_size=len(tokenizer), max_position_embeddings=34, pad_token_id=1, **small)
    transformers.RobertaModel(config).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    model = load(layer, tmp_path)

    assert model.limit == 32
    parameters = layer.parameters.checked({}, layer.framework.parameters(model))
    assert len(layer.framework.predict([{"text": "anna " * 100}], model, parameters)[0]) == 16


def test_models_without_a_table_of_positions_have_no_limit(layer: Layer, tmp_path: Path) -> None:
    tokenizer = checkpoints.pieces()
    tokenizer.model_max_length = int(1e30)
    config = transformers.T5Config(vocab_size=len(tokenizer), d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2)
    transformers.T5ForConditionalGeneration(config).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)

    assert load(layer, tmp_path).limit is None


# What a request holds.


def test_an_example_fits_its_task(layer: Layer, tmp_path: Path) -> None:
    for folder in (
        of_bert("ForMaskedLM", tmp_path / "masks"),
        of_bert("ForQuestionAnswering", tmp_path / "questions"),
        of_bert("ForTokenClassification", tmp_path / "tokens"),
        of_gpt(tmp_path / "gpt"),
        of_bart(tmp_path / "bart"),
    ):
        model = load(layer, folder)
        parameters = layer.parameters.checked({}, layer.framework.parameters(model))
        example = layer.framework.inputs(model).example()
        assert len(layer.framework.predict([example], model, parameters)) == 1


def test_a_model_of_model_fn_is_asked_by_predict_fn(layer: Layer) -> None:
    with pytest.raises(
        layer.errors.StartError, match="model_fn returned a str, which this server does not know how to ask"
    ):
        layer.framework.check("model")
    assert layer.framework.parameters("model") == ()
    data = [{"text": "a"}, {"text": "b"}]
    assert layer.framework.to_input("model", data, ()) == {"inputs": ["a", "b"]}


def test_threads_and_device_are_set_alike_in_both_layers() -> None:
    scaffolds = Path(__file__).resolve().parents[2] / "scaffolds"
    texts = {
        (scaffolds / name / "{{cookiecutter.folder}}" / "serving" / "accelerator.py").read_text(encoding="utf-8")
        for name in ("pytorch", "transformers")
    }
    assert len(texts) == 1
