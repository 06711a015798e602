"""PyTorch in this process: which device computes, how many threads one prediction may use, and where its log lines go."""

import logging
import os
import sys
import warnings

import torch

from serving import logs


def prepare(native_threads: int) -> torch.device:
    """Set the number of threads, once a process for those between operations, and give the device to compute on."""
    torch.set_num_threads(native_threads)
    if torch.get_num_interop_threads() != 1:
        torch.set_num_interop_threads(1)  # PyTorch takes this only before its first parallel work
    _log_through_root()
    # TorchScript files are still written and served; that PyTorch would like others is no news for an endpoint's log.
    warnings.filterwarnings("ignore", message="`torch.jit", category=DeprecationWarning)
    chosen = device()
    logs.info("device", device=chosen.type)
    return chosen


def device() -> torch.device:
    """The GPU where there is one and SM_NUM_GPUS does not say 0, else the CPU."""
    wanted = os.environ.get("SM_NUM_GPUS", "") != "0"
    return torch.device("cuda" if wanted and torch.cuda.is_available() else "cpu")


def _log_through_root() -> None:
    # PyTorch's loggers write lines of their own form to stderr: those handlers go, and the server's formatter is used.
    # Other handlers of theirs are for traces of the compiler, which nobody asked for.
    for name, logger in logging.Logger.manager.loggerDict.items():
        if name.partition(".")[0] != "torch" or not isinstance(logger, logging.Logger):
            continue
        for handler in [handler for handler in logger.handlers if isinstance(handler, logging.StreamHandler)]:
            if getattr(handler, "stream", None) is sys.stderr:
                logger.removeHandler(handler)
                logger.propagate = True
