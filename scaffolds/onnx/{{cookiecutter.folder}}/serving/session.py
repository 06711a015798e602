"""An ONNX Runtime session: opened for serving, or refused with what to change about the model's file."""

import re
from pathlib import Path

import onnxruntime
from onnxruntime import InferenceSession, SessionOptions

from serving import gpus, logs, model_files
from serving.errors import StartError

SUFFIXES = (".onnx", ".ort")
FAVOURITES = ("model.onnx", "model.ort")
CUDA = "CUDAExecutionProvider"  # there with onnxruntime-gpu alone
CPU = "CPUExecutionProvider"
OPSET = re.compile(r"Opset (\d+) is under development.* domain (\S+) is till opset (\d+)", re.DOTALL)
IR = re.compile(r"Unsupported model IR version: (\d+), max supported IR version: (\d+)")
OPERATOR = re.compile(r"Fatal error: (\S+)\(-?\d+\) is not a registered function/op")
EXTERNAL = re.compile(r"External data path does not exist: \"?([^\"\s]+)")
PLACE = re.compile(r"^\[ONNXRuntimeError\] : \d+ : \w+ : (?:Load model from .* failed: ?)?(?:/\S+:\d+ .*\) )?")


def options(threads: int) -> SessionOptions:
    """Tell how to run: `threads` is what is free for one prediction."""
    made = SessionOptions()
    made.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    made.intra_op_num_threads = threads
    made.inter_op_num_threads = 1  # the operators one after the other; requests run side by side instead
    # A thread that waits would spin, that is burn a CPU which another worker of this machine needs for its prediction.
    made.add_session_config_entry("session.intra_op.allow_spinning", "0")
    made.log_severity_level = 3  # errors only: what is wrong is raised as well
    return made


def open_session(folder: Path, threads: int) -> InferenceSession:
    """Find the model in a folder and open it; its external data files lie beside it. Raises StartError."""
    path = model_files.find(folder, SUFFIXES, FAVOURITES)
    try:
        session = InferenceSession(path, options(threads), providers=providers())
    except MemoryError:
        raise model_files.does_not_fit(path) from None
    except Exception as error:  # noqa: BLE001 - ONNX Runtime's errors have only Exception in common
        raise _refusal(path, str(error)) from None
    logs.info("device", device="cuda" if CUDA in session.get_providers() else "cpu")
    return session


def providers() -> list[str]:
    """Tell what computes, in the order of preference: the GPU where there are one and a build for it; then the CPU."""
    if gpus.mine() is None or CUDA not in onnxruntime.get_available_providers():
        return [CPU]
    onnxruntime.preload_dlls()  # CUDA's libraries are packages here, which the loader alone would not find
    return [CUDA, CPU]


def _refusal(path: Path, said: str) -> StartError:
    here = f"ONNX Runtime {onnxruntime.__version__} of this image"
    newer = "or set model.framework_version in byocgen.yaml to a newer one and run `byocgen sync`"
    if found := OPSET.search(said):
        opset, domain, newest = found.groups()
        return StartError(
            f"{path.name} uses opset {opset} of {domain}, {here} reads up to {newest}: export the model with a lower "
            f"opset, {newer}"
        )
    if found := IR.search(said):
        return StartError(
            f"{path.name} has IR version {found[1]}, {here} reads up to {found[2]}: set ir_version={found[2]} "
            f"and save it again with the onnx package, {newer}"
        )
    if found := OPERATOR.search(said):
        return StartError(
            f"{path.name} uses the operator {found[1]}, which {here} does not have: export with standard operators, or "
            "open the session in model_fn of inference.py with the library that brings it"
        )
    if found := EXTERNAL.search(said):
        return StartError(
            f"{path.name} keeps weights in {Path(found[1]).name}, which is missing: put it into the model's folder too"
        )
    problem = PLACE.sub("", said).splitlines()[0]
    return model_files.unreadable(path, problem, "is it complete, and is it an ONNX model")
