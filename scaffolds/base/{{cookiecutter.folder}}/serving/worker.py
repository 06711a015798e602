"""A worker process: one event loop that answers HTTP, and one copy of the model, loaded in the background.

Started by the supervisor as `python -m serving.worker LISTENER CHANNEL START`: two inherited sockets and a
`workers.Start`.
- It listens while the model loads, so that /ping can say 503 instead of nothing.
- SIGTERM: finish what is in flight, exit 0. The supervisor's end of CHANNEL closed: the same, for then nobody
  supervises.
"""

import asyncio
import contextlib
import faulthandler
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Iterator

import uvicorn

from serving import logs, settings
from serving.app import Engine, create_app
from serving.errors import StartError
from serving.predictor import Predictor
from serving.settings import Settings
from serving.supervisor import BACKLOG, LOAD_FAILED
from serving.workers import Start, report_failure

KEEP_ALIVE = 75  # seconds an idle connection stays open: the platform reuses its own, and must not find them closing


class Server(uvicorn.Server):
    """uvicorn's server, stopped by this module: its own signal handlers would end the process by the signal again."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Install no handlers."""
        yield


def load_model(engine: Engine, config: Settings, channel: socket.socket) -> None:
    """Load the model into `engine`; end the process with a report if that cannot be done."""
    began = time.monotonic()
    try:
        engine.loaded.set_result(Predictor.load(config))
    except BaseException as error:  # noqa: BLE001 - inference.py may raise anything, SystemExit included
        report_failure(channel, explain(error))
        logs.flush_and_exit(LOAD_FAILED)
    logs.info("model_loaded", seconds=round(time.monotonic() - began, 3), folder=str(config.model.folder))


def explain(error: BaseException) -> dict[str, object]:
    """Give the log's fields for a failed start; a traceback only where it shows somebody's code."""
    if not isinstance(error, StartError):
        problem = f"loading the model raised {type(error).__name__}: {error}"
        return {"message": problem, "exception": "".join(traceback.format_exception(error))}
    if error.__cause__:
        return {"message": str(error), "exception": "".join(traceback.format_exception(error.__cause__))}
    return {"message": str(error)}


async def serve(server: Server, listener: socket.socket, channel: socket.socket) -> None:
    """Answer requests until SIGTERM or until the supervisor is gone."""

    def stop() -> None:
        server.should_exit = True

    def supervisor_gone() -> None:
        loop.remove_reader(channel)
        stop()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop)
    loop.add_reader(channel, supervisor_gone)  # nothing is ever sent to us: readable means closed
    await server.serve(sockets=[listener])


def main(arguments: list[str]) -> None:
    """Load, serve, and end the process."""
    faulthandler.enable()  # a crash in native code leaves its Python stack in the log
    logs.configure(os.environ)
    listener, channel = (socket.socket(fileno=int(number)) for number in arguments[:2])
    for inherited in (listener, channel):
        inherited.set_inheritable(False)  # not for processes that inference.py may start
    config = settings.load(os.environ)
    engine = Engine(config.server)
    loader = threading.Thread(target=load_model, args=(engine, config, channel), daemon=True, name="load-model")
    loader.start()
    if arguments[2] == Start.AFTER_LOAD:
        loader.join()
    server = Server(
        uvicorn.Config(
            create_app(engine),
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE,
        )
    )
    factory = server.config.get_loop_factory()
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(serve(server, listener, channel))
        logs.flush_and_exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
