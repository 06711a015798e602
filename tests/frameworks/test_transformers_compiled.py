"""The compiled equal of a model that reads texts: the same answers without PyTorch, or a reason why it does not serve."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from tests.frameworks.asking import TEXTS, Asking, near
from tests.frameworks.checkpoints import LABELS, of_bert, of_gpt
from tests.frameworks.layer import Layer
from tests.frameworks.projects import SCAFFOLDS, assemble

QUESTIONS = [{"question": "who works ?", "context": text} for text in TEXTS if text]
MASKED = ["anna [MASK] in oslo", "[MASK] york and [MASK]", "the harbour of [MASK] york , " * 3]
ASKED: dict[str, tuple[str, dict[str, Any], list[Any], tuple[dict[str, Any], ...]]] = {
    "text-classification": (
        "ForSequenceClassification",
        {"id2label": {0: "bad", 1: "fair", 2: "good"}, "label2id": {"bad": 0, "fair": 1, "good": 2}},
        TEXTS,
        ({}, {"top_k": 2}, {"return_all": True}, {"function_to_apply": "sigmoid"}, {"function_to_apply": "none"}),
    ),
    "token-classification": (
        "ForTokenClassification",
        {"id2label": dict(enumerate(LABELS)), "label2id": {name: number for number, name in enumerate(LABELS)}},
        TEXTS,
        tuple({"aggregation_strategy": name} for name in ("none", "simple", "first", "average", "max")),
    ),
    "feature-extraction": (
        "Model",
        {},
        TEXTS,
        (*({"pooling": name} for name in ("mean", "cls", "max", "last", "none")), {"normalize": True}),
    ),
    "fill-mask": ("ForMaskedLM", {}, MASKED, ({}, {"top_k": 3})),
    "question-answering": (
        "ForQuestionAnswering",
        {},
        QUESTIONS,
        ({}, {"top_k": 3}, {"handle_impossible_answer": True}),
    ),
}


class Workshop:
    """The layer's `serving` and `optimize` together, and a project whose settings say what is wanted."""

    def __init__(self, project: Path) -> None:
        self.project = assemble(project, "transformers", optimize="auto")
        self.asking = Asking(Layer("transformers"))
        self.compiling = self._optimize()

    def _optimize(self) -> Any:
        """Import optimize.compiling aside: other layers have modules of these names."""
        layer = self.asking.layer
        before = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] in LAYERED}
        sys.modules.update(layer.package())
        sys.path.insert(0, str(SCAFFOLDS / "transformers" / "{{cookiecutter.folder}}"))
        try:
            compiling: Any = import_module("optimize.compiling")
        finally:
            sys.path.pop(0)
            for name in [name for name in sys.modules if name.split(".")[0] in LAYERED]:
                del sys.modules[name]
            sys.modules.update(before)
        vars(compiling)["PROJECT"] = self.project
        self._write, self._written = compiling.graph.write, dict[str, Path]()
        vars(compiling.graph)["write"] = self._write_once
        vars(compiling)["hooks"] = self  # there is no inference.py to import here, but what it would have
        return compiling

    def _write_once(self, checkpoint: Any, names: list[str], home: Path) -> None:
        """Write a model's graph, or take it from where it was written before: that takes seconds."""
        digest = self.compiling.compiled.digest(checkpoint.folder)
        if digest in self._written:
            shutil.copytree(self._written[digest], home, dirs_exist_ok=True)
            return
        self._write(checkpoint, names, home)
        self._written[digest] = Path(shutil.copytree(home, self.project / digest, dirs_exist_ok=True))

    model_fn = transform_fn = None
    predict_fn: Any = None

    def load(self, _: Path) -> "Workshop":
        """As hooks.load."""
        return self

    def compile(self, folder: Path, capsys: pytest.CaptureFixture[str], **server: str) -> str:
        """Compile the model of a folder; give what is told."""
        self._set({"task": "", "optimize": "auto", **server})
        capsys.readouterr()
        self.compiling.add_equal(folder)
        return capsys.readouterr().out.partition(": ")[2].strip()

    def _set(self, changed: dict[str, str]) -> None:
        path = self.project / "serving.toml"
        lines = [line for line in path.read_text("utf-8").splitlines() if line.split(" = ")[0] not in changed]
        place = lines.index("[server]") + 1
        lines.insert(place, f"optimize = {json.dumps(changed['optimize'])}")
        path.write_text("\n".join(lines) + "\n", "utf-8")

    def equal(self, folder: Path, **limits: Any) -> tuple[Any, str]:
        """Load it as the server does."""
        given = ("churn", "transformers", limits.pop("version", "1"), folder, limits.pop("task", ""))
        settings = self.asking.layer.settings.ModelSettings(*given, **limits)
        found: tuple[Any, str] = self.asking.layer.framework.load_equal(settings)
        return found


LAYERED = ("serving", "optimize")


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("workshop"))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    home = tmp_path_factory.mktemp("models")

    def make(task: str) -> Path:
        kind, config, _, _ = ASKED[task]
        return home / task if (home / task).exists() else of_bert(kind, home / task, **config)

    return make


@pytest.mark.parametrize("task", ASKED)
def test_it_answers_as_the_model(
    workshop: Workshop, models: Callable[[str], Path], task: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asking, (kind, _, data, variants) = workshop.asking, ASKED[task]
    folder = models(task)
    assert workshop.compile(folder, capsys).startswith(f"answers as DistilBert{kind} does, on ")
    equal, reason = workshop.equal(folder)
    assert reason == ""
    original = asking.load(folder)
    for parameters in variants:
        assert asking.ask(equal, data, **parameters) == near(asking.ask(original, data, **parameters))
    assert asking.layer.framework.joins_requests(equal)


@pytest.fixture
def compiled(
    workshop: Workshop, models: Callable[[str], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Path:
    """A folder of its own with a model and its equal."""
    source = models("text-classification")
    if not (source / "optimized").exists():
        workshop.compile(source, capsys)
    return Path(shutil.copytree(source, tmp_path / "model"))


def test_a_text_that_is_too_long_is_refused_alike(workshop: Workshop, compiled: Path) -> None:
    equal, _ = workshop.equal(compiled, context_tokens=7)
    status, said = workshop.asking.refused(equal, ["anna lives in oslo and peter"], truncation=False)
    assert (status, said) == workshop.asking.refused(
        workshop.asking.load(compiled, context_tokens=7), ["anna lives in oslo and peter"], truncation=False
    )


def test_the_same_model_is_no_new_release(
    workshop: Workshop, compiled: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name: path.read_bytes() for path in (compiled / "optimized").iterdir()}
    monkeypatch.setattr(workshop, "_written", {})
    workshop.compile(compiled, capsys)
    assert {path.name: path.read_bytes() for path in (compiled / "optimized").iterdir()} == before


@pytest.fixture
def lenient(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores of random weights are all alike: labels turn easily."""
    monkeypatch.setattr(workshop.compiling.proof, "FURTHEST", 1.0)
    monkeypatch.setattr(workshop.compiling.proof, "AGREE", 0.5)


@pytest.mark.usefixtures("lenient")
def test_int8_serves_where_it_is_close_enough(
    workshop: Workshop, compiled: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = workshop.asking.ask(workshop.equal(compiled)[0], TEXTS, return_all=True)
    assert workshop.compile(compiled, capsys, optimize="int8").startswith("int8, static scales: ")
    equal, reason = workshop.equal(compiled)
    assert (reason, equal.precision, equal.alone) == ("", "int8", False)
    within = workshop.asking.layer.framework.same_within(equal)
    same = workshop.compiling.proof.same
    together = workshop.asking.ask(equal, TEXTS, return_all=True)
    assert same([workshop.asking.ask(equal, [text], return_all=True)[0] for text in TEXTS], together, *within)
    assert same(_sorted(original), _sorted(together), 0.05, 0.05)

    monkeypatch.setattr(workshop.compiling.proof, "FURTHEST", 0.0)
    said = workshop.compile(compiled, capsys, optimize="int8")
    assert said.startswith("float32, for int8 is not close enough: static scales: ")
    assert "; dynamic scales: " in said
    assert workshop.equal(compiled)[0].precision == "float32"


@pytest.mark.usefixtures("lenient")
def test_scales_are_measured_at_each_call_where_those_of_the_samples_do_not_do(
    workshop: Workshop, compiled: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workshop.compiling.quantization, "MARGIN", 1e-3)  # nearly every number is cut off
    monkeypatch.setattr(workshop.compiling.proof, "FURTHEST", 0.3)
    said = workshop.compile(compiled, capsys, optimize="int8")
    assert said.startswith("int8, dynamic scales: ")
    assert "; static scales: " in said
    equal, _ = workshop.equal(compiled)
    alone = [workshop.asking.ask(equal, [text])[0] for text in TEXTS]
    assert workshop.asking.ask(equal, TEXTS) == alone  # to the last bit: what else is asked changes nothing


def _sorted(answers: list[Any]) -> list[Any]:
    return [sorted(answer, key=lambda one: str(one["label"])) for answer in answers]


def _facts(**changed: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "optimized" / "facts.json"
        path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changed}), "utf-8")

    return change


def _weights(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-4] + b"\0\0\0\x01")


def _graph(folder: Path) -> None:
    (folder / "optimized" / "model.onnx").write_bytes(b"?")


MADE_OF_ANOTHER = "optimized/ was made of another model, or by another release: pack the model again"
UNUSABLE: dict[str, tuple[Callable[[Path], None], dict[str, Any], str]] = {
    "none there": (lambda folder: shutil.rmtree(folder / "optimized"), {}, "there is no optimized/ beside the model"),
    "another model": (_weights, {}, MADE_OF_ANOTHER),
    "another release": (lambda _: None, {"version": "2"}, MADE_OF_ANOTHER),
    "another task": (
        lambda _: None,
        {"task": "token-classification"},
        "optimized/ was made for text-classification: pack the model again",
    ),
    "a damaged graph": (
        _graph,
        {},
        "optimized/ cannot be used (InvalidProtobuf): pack the model again",
    ),
    "other answers": (
        _facts(answers=[{"label": "good", "score": 0.5}] * 4),
        {},
        "optimized/ answers otherwise on this machine than where it was made",
    ),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_what_does_not_fit_is_not_served(workshop: Workshop, compiled: Path, case: str) -> None:
    spoil, given, why = UNUSABLE[case]
    spoil(compiled)
    equal, reason = workshop.equal(compiled, **given)
    assert equal is None
    assert reason.startswith(why)


def _other(monkeypatch: pytest.MonkeyPatch, workshop: Workshop) -> None:
    kind = workshop.compiling.Compiled
    run = kind.run
    monkeypatch.setattr(kind, "run", lambda self, *given: [values * 1.01 for values in run(self, *given)])


def test_another_answer_is_not_kept(
    workshop: Workshop, compiled: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _other(monkeypatch, workshop)
    said = workshop.compile(compiled, capsys)
    assert said.startswith("not made, PyTorch itself serves: its answers are not the same on ")
    assert not (compiled / "optimized").exists()


def test_what_is_not_compiled_says_why(
    workshop: Workshop,
    compiled: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert workshop.compile(compiled, capsys, optimize="off") == (
        "not made, PyTorch itself serves: serving.optimize is off"
    )
    assert workshop.compile(of_gpt(tmp_path / "writer"), capsys) == (
        "not made, PyTorch itself serves: a model for text-generation writes token by token, which is not compiled"
    )
    monkeypatch.setattr(workshop, "predict_fn", len)
    assert workshop.compile(compiled, capsys) == (
        "not made, PyTorch itself serves: inference.py has a model_fn, predict_fn or transform_fn"
    )


SERVE = """
import sys
from serving import settings
from serving.invocation import Invocation
from serving.predictor import Predictor
predictor = Predictor.load(settings.load({"SM_MODEL_DIR": sys.argv[1]}))
reply = predictor.answer(Invocation(b'{"inputs": "anna"}', "application/json", ""))
print(predictor.choice, reply.body.decode()[:26], {"torch", "transformers"} & set(sys.modules))
"""


def test_the_server_never_imports_pytorch(workshop: Workshop, compiled: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", SERVE, str(compiled)],
        cwd=workshop.project,
        check=True,
        capture_output=True,
        text=True,
    )
    assert ran.stdout.startswith('{\'optimized\': True} {"predictions":[{"label":')
    assert ran.stdout.strip().endswith(" set()")
