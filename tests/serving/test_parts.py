"""The small parts, in process: media types, replies, settings, the control group's counter, packing."""

import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import package
import pytest
from app_under_test import serving_toml

from serving import media, memory, settings, workers
from serving.columns import Column, ColumnType
from serving.encoders import Body
from serving.errors import RequestError, StartError

NO_HEADER = ""


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (NO_HEADER, media.JSON),
        ("*/*", media.JSON),
        ("application/*", media.JSON),
        ("text/csv", media.CSV),
        ("TEXT/CSV ; q=0.3", media.CSV),
        ("text/csv, application/json", media.JSON),
        ("text/csv;q=1.0, application/json;q=0.9", media.CSV),
        ("text/html, text/*;q=0.2, */*;q=0.1", media.CSV),
        ("text/csv;q=0, */*", media.JSON),
        ("application/json;q=nonsense", media.JSON),
        ("application/json;q=nan, text/csv;q=0.5", media.JSON),
        (",,", media.JSON),
        ("image/png", None),
        ("*/*;q=0", None),
        ("json", None),
    ],
)
def test_accept(accept: str, chosen: str | None) -> None:
    if chosen is None:
        with pytest.raises(RequestError) as refusal:
            media.choose(accept)
        assert refusal.value.status == 406
    else:
        assert media.choose(accept) == chosen


@pytest.mark.parametrize(
    ("prediction", "as_json", "as_csv"),
    [
        (np.array([1, 2]), '{"predictions":[1,2]}', "1\n2\n"),
        (np.array([[0.1, 0.9]]), '{"predictions":[[0.1,0.9]]}', "0.1,0.9\n"),
        (np.array(["a", 'b "c", d']), '{"predictions":["a","b \\"c\\", d"]}', 'a\n"b ""c"", d"\n'),
        ([np.float64(0.5), np.int64(2)], '{"predictions":[0.5,2]}', "0.5\n2\n"),
        ([np.nan, np.inf], '{"predictions":[null,null]}', "nan\ninf\n"),
        ([(np.str_("x"), True)], '{"predictions":[["x",true]]}', "x,True\n"),
        ({"scores": np.array([1.5])}, '{"predictions":{"scores":[1.5]}}', None),
        ([{"label": "x"}], '{"predictions":[{"label":"x"}]}', None),
        (object(), None, None),
        ({1, 2}, None, None),
    ],
)
def test_predictions_are_written(prediction: object, as_json: str | None, as_csv: str | None) -> None:
    assert written(prediction, media.JSON) == (as_json or refused(media.JSON))
    # What only JSON can say is a matter of asking for it; what not even JSON can say is a mistake of predict_fn.
    other = f"406 the answer of this model cannot be written as {media.CSV}; ask for {media.JSON}"
    assert written(prediction, media.CSV) == (as_csv or (other if as_json else refused(media.CSV)))


def refused(content_type: str) -> str:
    problem = (
        f"returned a value that cannot be written as {content_type}; return an array or lists, or define output_fn"
    )
    return f"500 predict_fn {problem}"


def written(prediction: object, content_type: str) -> str:
    try:
        body = Body("predict_fn", content_type)
        body.add(prediction)
        return body.finish().decode()
    except RequestError as refusal:
        return f"{refusal.status} {refusal.message}"


def load(folder: Path, text: str, **environ: str) -> settings.Settings:
    (folder / "serving.toml").write_text(text, encoding="utf-8")
    return settings.load(environ, folder)


def test_settings(tmp_path: Path) -> None:
    inputs: list[dict[str, Any]] = [
        {"name": "a", "type": "float"},
        {"name": "b", "type": "string", "values": ["x", "y"]},
    ]
    loaded = load(tmp_path, serving_toml(inputs, workers=4), SM_NUM_CPUS="3", SAGEMAKER_BIND_TO_PORT="9000")

    assert loaded.inputs == (Column("a"), Column("b", ColumnType.STRING, ("x", "y")))
    assert loaded.model == settings.ModelSettings("churn", "sklearn", "1.9.1", Path("/opt/ml/model"))
    assert loaded.server == settings.ServerSettings(
        port=9000,
        workers=3,
        workers_configured=4,
        cpus=3,
        threads=1,
        blas_threads=1,
        queue_size=8,
        timeout_seconds=60,
        max_payload_bytes=10_000,
        drain_seconds=20,
    )


@pytest.mark.parametrize(
    ("change", "environ", "message"),
    [
        (("queue_size", "queue"), {}, "has no 'queue_size'; `byocgen sync --force serving.toml` writes it again"),
        (("[server]", "[server"), {}, "`byocgen sync --force serving.toml` writes it again"),
        (('"churn"', '"churn'), {}, "`byocgen sync --force serving.toml` writes it again"),
        (("threads = 1", 'threads = "x"'), {}, "`byocgen sync --force serving.toml` writes it again"),
        (("", ""), {"SAGEMAKER_BIND_TO_PORT": "http"}, "SAGEMAKER_BIND_TO_PORT is 'http'; it must be a whole number"),
        (("", ""), {"SAGEMAKER_BIND_TO_PORT": "65536"}, "SAGEMAKER_BIND_TO_PORT is '65536'; it must be a whole number"),
        (("", ""), {"SM_NUM_CPUS": "0"}, "SM_NUM_CPUS is '0'; it must be a whole number"),
    ],
)
def test_wrong_settings_say_what_is_wrong(
    tmp_path: Path, change: tuple[str, str], environ: dict[str, str], message: str
) -> None:
    with pytest.raises(StartError) as error:
        load(tmp_path, serving_toml([]).replace(*change), **environ)

    assert message in str(error.value)


def test_an_unknown_column_type(tmp_path: Path) -> None:
    with pytest.raises(StartError) as error:
        load(tmp_path, serving_toml([{"name": "a", "type": "text"}]))

    expected = "serving.toml: input 'a' has type 'text'; known are float, integer, string, boolean"
    assert str(error.value) == expected


def test_no_serving_toml(tmp_path: Path) -> None:
    with pytest.raises(StartError) as error:
        settings.load({}, tmp_path)

    expected = (
        "serving.toml cannot be read: No such file or directory; `byocgen sync --force serving.toml` writes it again"
    )
    assert str(error.value) == f"{tmp_path}/{expected}"


def group(root: Path, own: str, files: dict[str, str]) -> memory.MemoryGroup | None:
    (root / "own").write_text(own)
    for name, text in files.items():
        path = root / "cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return memory.find(root / "cgroup", root / "own")


V2 = {"memory.events": "low 0\noom 3\noom_kill 2\n", "memory.max": "1073741824\n"}
V1 = {
    "memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
    "memory/memory.limit_in_bytes": "1073741824\n",
}
V1_OWN = "12:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n0::/\n"


@pytest.mark.parametrize(
    ("own", "files", "answer"),
    [
        ("0::/\n", V2, (2, 1 << 30)),
        ("0::/user.slice/a\n", {f"user.slice/a/{name}": text for name, text in V2.items()}, (2, 1 << 30)),
        ("0::/\n", {**V2, "memory.max": "max\n"}, (2, None)),
        (V1_OWN, V1, (2, 1 << 30)),
        (V1_OWN, {**V1, "memory/memory.limit_in_bytes": "9223372036854771712\n"}, (2, None)),
        ("0::/\n", {}, None),
        ("", V2, (2, 1 << 30)),
    ],
    ids=["v2", "v2 on a bare machine", "v2 no limit", "v1", "v1 no limit", "no files", "no /proc"],
)
def test_the_control_group(
    tmp_path: Path, own: str, files: dict[str, str], answer: tuple[int, int | None] | None
) -> None:
    found = group(tmp_path, own, files)

    assert answer == (found and (found.kills(), found.limit_bytes()))


def test_a_worker_environment_leaves_what_is_set() -> None:
    environ = workers.environment({"OMP_NUM_THREADS": "4", "MPLCONFIGDIR": "/cache", "OTHER": "x"}, 2)
    assert environ["ORT_DISABLE_TELEMETRY"] == "1"  # what an endpoint runs is nobody else's business

    assert (environ["OMP_NUM_THREADS"], environ["MKL_NUM_THREADS"]) == ("4", "2")
    assert (environ["MPLCONFIGDIR"], environ["HF_HOME"], environ["OTHER"]) == ("/cache", "/tmp/hf_home", "x")  # noqa: S108


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as tar:
        return {entry.name: tar.extractfile(entry).read() for entry in tar}  # type: ignore[union-attr]


def test_a_file_a_folder_and_an_archive_are_packed_alike(here: Path) -> None:
    (here / "artifacts" / "deep").mkdir(parents=True)
    (here / "artifacts" / "model.pkl").write_bytes(b"model")
    (here / "artifacts" / "deep" / "notes").write_bytes(b"notes")
    archives = []
    for artifact in ("artifacts", "model.tar.gz", "model"):
        assert package.main([artifact]) == 0
        archives.append((here / "model.tar.gz").read_bytes())

    assert len(set(archives)) == 1
    assert contents(here / "model.tar.gz") == {"deep/notes": b"notes", "model.pkl": b"model"}
    assert package.main(["artifacts/model.pkl"]) == 0
    assert [path.name for path in (here / "model").iterdir()] == ["model.pkl"]


def test_packing_forgets_times_modes_and_owners(here: Path) -> None:
    (here / "a.pkl").write_bytes(b"model")
    package.main(["a.pkl"])
    before = (here / "model.tar.gz").read_bytes()
    (here / "a.pkl").chmod(0o600)
    package.main(["a.pkl"])

    assert (here / "model.tar.gz").read_bytes() == before
    with tarfile.open(here / "model.tar.gz") as tar:
        entries = [(entry.mode, entry.uid, entry.gid, entry.uname, entry.mtime) for entry in tar]
    assert entries == [(0o644, 0, 0, "", 315532800)]


def test_training_twice_gives_the_same_archive(iris_model: Path) -> None:

    archive = iris_model.with_name("model.tar.gz")
    before = archive.read_bytes()
    subprocess.run([sys.executable, "train.py"], cwd=archive.parent, check=True, env={"PYTHONHASHSEED": "7"})

    assert archive.read_bytes() == before


@pytest.mark.parametrize(
    ("artifact", "message"),
    [
        (
            "nowhere.pkl",
            "there is no nowhere.pkl: put the model there, or name another with model.artifact in byocgen.yaml\n",
        ),
        (
            "s3://bucket/model",
            "s3://bucket/model is in S3: fetch it first (aws s3 cp --recursive s3://bucket/model artifact/) and name the copy\n",
        ),
    ],
)
@pytest.mark.usefixtures("here")
def test_an_artifact_that_is_not_here(capsys: pytest.CaptureFixture[str], artifact: str, message: str) -> None:
    assert package.main([artifact]) == 2
    assert capsys.readouterr().err == message
