"""Who answers: the generated server and its peers, each installed, started and asked as its own documentation has it.

Rules: exact versions; two workers each where a server has workers; the model's own library with one thread; nothing in a
peer is slowed down, and what its documentation calls faster (batching, uvloop, nginx in front) is on.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import environments, workloads
from benchmarks.environments import CACHE, Unavailable, program

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.workloads import Workload

APPS = Path(__file__).parent / "apps"
TABULAR = ("scikit-learn==1.9.1", "numpy==2.4.6", "joblib", "xgboost-cpu==3.2.0")
TEXTS = ("transformers==5.23.0",)
TORCH = "2.13.0"
TEXT_MODELS = ("classifier", "generator")


@dataclass(frozen=True, slots=True)
class Start:
    """How to start a server for one model; `folder` is where it may write."""

    model: str
    folder: Path
    port: int
    workers: int

    @property
    def model_folder(self) -> Path:
        """Where the model's files lie."""
        return (CACHE / "models" / self.model).absolute()


def slug(name: str) -> str:
    """Turn a server's name into a folder's."""
    return "-".join(re.findall(r"[a-z0-9]+", name.lower()))


def _plain(workload: Workload, rows: list[Any]) -> bytes:
    if workload.model == "generator":
        return json.dumps({"inputs": rows[0], "tokens": workloads.TOKENS}).encode()
    return workloads.csv(rows) if workload.form == "csv" else workloads.plain(rows)


def _predictions(body: bytes) -> list[str]:
    if not body.startswith(b"{"):  # CSV, or a list as the toolkit writes it
        return re.findall(r"[^\[\],\s]+", body.decode())
    return [str(one) for one in json.loads(body)["predictions"]]


@dataclass(frozen=True)
class Peer:
    """One server: `command` starts it, `body` and `answer` are how it wants to be asked and what it says."""

    name: str
    requirements: tuple[str, ...]
    command: Callable[[Path, Start], list[str]]
    models: tuple[str, ...] = ("logistic", "forest", "xgboost")
    forms: tuple[str, ...] = ("json",)
    path: str = "/invocations"
    paths: dict[str, str] = field(default_factory=dict)
    ping: str = "/ping"
    body: Callable[[Workload, list[Any]], bytes] = _plain
    answer: Callable[[bytes], list[str]] = _predictions
    agreeing: float = 1.0
    """Share of its answers that have to be those of the others."""

    def python(self, model: str) -> Path:
        """Install it for a kind of model; return its interpreter."""
        texts = model in TEXT_MODELS
        kind = "texts" if texts else "tables"
        packages = (*self.requirements, *(TEXTS if texts else TABULAR))
        return environments.python(f"{slug(self.name)}-{kind}", packages, torch=TORCH if texts else "")

    def where(self, workload: Workload) -> str:
        """Path of the route that answers a workload."""
        return self.paths.get(workload.model, self.paths.get(workload.form, self.path))

    def environment(self, start: Start) -> dict[str, str]:
        """What its app reads."""
        one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        return {
            **one,
            "MODEL": str(start.model_folder),
            "PORT": str(start.port),
            "WORKERS": str(start.workers),
            "APPS": str(APPS),
            "PYTHONPATH": str(APPS),
            "STREAM": "1" if start.model == "generator" else "",
            "BENTOML_DO_NOT_TRACK": "true",
            "TOKENIZERS_PARALLELISM": "false",
        }


def _gunicorn(python: Path, start: Start) -> list[str]:
    return [
        *(str(python), "-m", "gunicorn", "--workers", str(start.workers), "--bind", f"127.0.0.1:{start.port}"),
        *("--timeout", "60", "--chdir", str(APPS), "flask_app:app"),
    ]


def _nginx(python: Path, start: Start) -> list[str]:
    nginx = program("nginx")
    sock = start.folder / "gunicorn.sock"
    start.folder.mkdir(parents=True, exist_ok=True)
    conf = start.folder / "nginx.conf"
    conf.write_text(
        f"""\
worker_processes auto; daemon off; pid {start.folder}/nginx.pid; error_log {start.folder}/error.log;
events {{ worker_connections 2048; accept_mutex off; }}
http {{
  access_log off; client_body_temp_path {start.folder}; proxy_temp_path {start.folder};
  fastcgi_temp_path {start.folder}; uwsgi_temp_path {start.folder}; scgi_temp_path {start.folder};
  upstream gunicorn {{ server unix:{sock}; }}
  server {{
    listen 127.0.0.1:{start.port} backlog=2048; client_max_body_size 5m; keepalive_timeout 5;
    location ~ ^/(ping|invocations) {{ proxy_set_header Host $http_host; proxy_redirect off; proxy_pass http://gunicorn; }}
  }}
}}
""",
        "utf-8",
    )
    flask = f"{python} -m gunicorn -k sync --workers {start.workers} --bind unix:{sock} --timeout 60 --chdir {APPS} flask_app:app"
    return ["/bin/sh", "-c", f"{flask} & exec {nginx} -c {conf} -p {start.folder}"]


def _uvicorn(app: str) -> Callable[[Path, Start], list[str]]:
    def command(python: Path, start: Start) -> list[str]:
        return [
            *(
                str(python),
                "-m",
                "uvicorn",
                "--host",
                "127.0.0.1",
                "--port",
                str(start.port),
                "--workers",
                str(start.workers),
            ),
            *("--no-access-log", "--log-level", "warning", "--app-dir", str(APPS), app),
        ]

    return command


def _bento(python: Path, start: Start) -> list[str]:
    return [
        *(str(python), "-m", "bentoml", "serve", "bento_app:Service", "--working-dir", str(APPS)),
        *("--host", "127.0.0.1", "--port", str(start.port)),
    ]


def _mlserver(python: Path, start: Start) -> list[str]:
    start.folder.mkdir(parents=True, exist_ok=True)
    settings = {
        "host": "127.0.0.1", "http_port": start.port, "grpc_port": 0, "metrics_port": 0, "parallel_workers": start.workers,
        "metrics_endpoint": None, "debug": False,
    }  # fmt: skip
    (start.folder / "settings.json").write_text(json.dumps(settings), "utf-8")
    model = {"name": "model", "implementation": "mlserver_app.Runtime", "max_batch_size": 32, "max_batch_time": 0.002}
    (start.folder / "model-settings.json").write_text(json.dumps(model), "utf-8")
    return [str(python.with_name("mlserver")), "start", str(start.folder)]


def _v2(_workload: Workload, rows: list[Any]) -> bytes:
    flat = [value for row in rows for value in row]
    one = {"name": "x", "shape": [len(rows), workloads.COLUMNS], "datatype": "FP64", "data": flat}
    return json.dumps({"inputs": [one]}).encode()


def _v2_answer(body: bytes) -> list[str]:
    return [str(one) for one in json.loads(body)["outputs"][0]["data"]]


def _mlflow(python: Path, start: Start) -> list[str]:
    code = hashlib.sha256(b"".join((APPS / name).read_bytes() for name in ("mlflow_model.py", "served.py"))).hexdigest()
    saved = (CACHE / "mlflow" / f"{start.model}-{code[:12]}").absolute()
    if not saved.exists():
        done = subprocess.run(
            [str(python), str(APPS / "mlflow_model.py"), str(start.model_folder), str(saved)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise Unavailable(done.stderr[-400:])
    return [
        *(str(python), "-m", "mlflow", "models", "serve", "-m", str(saved), "--env-manager", "local"),
        *("-h", "127.0.0.1", "-p", str(start.port), "-w", str(start.workers)),
    ]


def _toolkit(python: Path, start: Start) -> list[str]:
    program("java")
    store = start.folder / "models"
    store.mkdir(parents=True, exist_ok=True)
    manifest = {
        "runtime": "python",
        "model": {"modelName": "model", "handler": "mms_service.py:handle"},
        "modelServerVersion": "1.0",
    }
    with zipfile.ZipFile(store / "model.mar", "w") as archive:
        archive.writestr("MAR-INF/MANIFEST.json", json.dumps(manifest))
        archive.write(APPS / "mms_service.py", "mms_service.py")
    (start.folder / "config.properties").write_text(
        f"inference_address=http://127.0.0.1:{start.port}\nmanagement_address=http://127.0.0.1:{start.port + 1}\n"
        f"model_store={store}\nload_models=ALL\ndefault_workers_per_model={start.workers}\npreload_model=false\ndecode_input_request=false\n",
        "utf-8",
    )
    return [
        *(str(python.with_name("multi-model-server")), "--start", "--foreground"),
        *("--mms-config", str(start.folder / "config.properties"), "--model-store", str(store)),
    ]


_FLASK = ("flask==3.1.3", "gunicorn==26.2.0", "pandas==3.1.1")
_TEXTS = ("logistic", "forest", "xgboost", "classifier")
_ALL = (*_TEXTS, "generator")


def _inputs(_workload: Workload, rows: list[Any]) -> bytes:
    return json.dumps({"inputs": rows}).encode()


PEERS = [
    Peer("AWS sample: nginx, gunicorn, Flask", _FLASK, _nginx, forms=("json", "csv")),
    Peer("Flask, gunicorn", _FLASK, _gunicorn, forms=("json", "csv")),
    Peer(
        "FastAPI",
        ("fastapi==0.165.0", "uvicorn[standard]==0.54.0"),
        _uvicorn("fastapi_app:app"),
        models=_ALL,
        forms=("json", "csv"),
        paths={"csv": "/csv", "generator": "/stream"},
    ),
    Peer("plain Litestar", ("litestar==2.25.0", "uvicorn[standard]==0.54.0"), _uvicorn("litestar_app:app")),
    Peer(
        "LitServe",
        ("litserve==0.2.19",),
        lambda python, _start: [str(python), str(APPS / "litserve_app.py")],
        models=_ALL,
        paths={"generator": "/stream"},
    ),
    Peer("BentoML", ("bentoml==1.4.40",), _bento, models=_TEXTS, ping="/readyz"),
    Peer(
        "MLServer",
        ("mlserver==1.7.1", "uvloop==0.21.0"),  # its worker asks for an event loop as older uvloops had one
        _mlserver,
        ping="/v2/models/model/ready",
        path="/v2/models/model/infer",
        body=_v2,
        answer=_v2_answer,
    ),
    Peer("mlflow", ("mlflow==3.17.2",), _mlflow, body=_inputs),
    Peer(
        "SageMaker toolkit on multi-model-server",
        ("multi-model-server==1.1.11", "sagemaker-inference==1.10.1", "setuptools<80"),
        _toolkit,
        models=_TEXTS,
        forms=("json", "csv"),
    ),
]
