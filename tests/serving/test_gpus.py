"""Which GPU is whose: counted as the platform or the devices say, one a worker, and nothing where there is none."""

from pathlib import Path

import pytest

from serving import gpus
from serving.context import Context


@pytest.fixture
def devices(tmp_path: Path) -> Path:
    """What the container toolkit puts below /dev for four GPUs."""
    for name in ("nvidia0", "nvidia1", "nvidia2", "nvidia10", "nvidiactl", "nvidia-uvm", "null"):
        (tmp_path / name).touch()
    return tmp_path


def test_the_devices_are_counted(devices: Path, tmp_path: Path) -> None:
    assert gpus.count({}, devices) == 4
    assert gpus.count({}, tmp_path / "none") == 0


@pytest.mark.parametrize(("stated", "count"), [("0", 0), ("2", 2), ("", 4), ("many", 4)])
def test_what_the_platform_states_goes_before_the_devices(devices: Path, stated: str, count: int) -> None:
    assert gpus.count({"SM_NUM_GPUS": stated}, devices) == count


@pytest.mark.parametrize(
    ("environ", "place", "visible"),
    [
        ({"SM_NUM_GPUS": "4"}, 0, "0"),
        ({"SM_NUM_GPUS": "4"}, 3, "3"),
        ({"SM_NUM_GPUS": "4"}, 6, "2"),  # more workers than GPUs: they share
        ({"SM_NUM_GPUS": "1"}, 1, None),
        ({"SM_NUM_GPUS": "0"}, 0, None),
        ({"SM_NUM_GPUS": "4", "CUDA_VISIBLE_DEVICES": "1"}, 2, None),  # the deployment's own choice
    ],
)
def test_each_worker_sees_one_of_several(environ: dict[str, str], place: int, visible: str | None) -> None:
    assert gpus.visible(environ, place).get("CUDA_VISIBLE_DEVICES") == visible


@pytest.mark.parametrize(
    ("environ", "number"),
    [
        ({"SM_NUM_GPUS": "2"}, 0),
        ({"SM_NUM_GPUS": "0"}, None),
        ({"SM_NUM_GPUS": "2", "CUDA_VISIBLE_DEVICES": "1"}, 0),
        ({"SM_NUM_GPUS": "2", "CUDA_VISIBLE_DEVICES": ""}, None),
    ],
)
def test_the_context_names_the_gpu_that_inference_py_is_to_use(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], number: int | None
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    gpus.mine.cache_clear()
    try:
        assert Context(model_dir="m").system_properties == {"model_dir": "m", "gpu_id": number}
    finally:
        gpus.mine.cache_clear()
