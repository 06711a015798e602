"""A worker process: one event loop that answers HTTP, and a model, loaded in the background or there from the start.

Started by the supervisor as `python -m serving.worker` with what `workers.spawn` writes, or forked by the template.
- It listens while the model loads, so that /ping can say 503 instead of nothing.
- SIGTERM: finish what is in flight, exit 0. The supervisor's end of the channel closed: the same, for then nobody
  supervises.
"""

import asyncio
import faulthandler
import os
import signal
import sys
import threading
import time
import traceback
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from serving import access, logs, prints, settings, template
from serving.application import Application
from serving.channel import failure
from serving.engine import Engine
from serving.errors import StartError
from serving.listening import Server
from serving.startup import Phases, process_began
from serving.workers import LOAD_FAILED, Post, Start

if TYPE_CHECKING:
    from serving.predictor import Predictor
    from serving.settings import Settings


def load_model(engine: Engine, post: Post, phases: Phases) -> None:
    """Load the model into `engine`, or what any model needs; end the process with a report if that cannot be done."""
    began = time.monotonic()
    try:
        if engine.many:
            engine.many.prepare()
            phases.end("model_import")
            return
        from serving.predictor import Predictor  # noqa: PLC0415 - imports the framework, beside the event loop

        phases.end("model_import")
        predictor = Predictor.load(engine.config)
    except BaseException as error:  # noqa: BLE001 - inference.py may raise anything, SystemExit included
        post.channel.send("load_failed", **failure(explain(error)))
        logs.flush_and_exit(LOAD_FAILED)
    phases.end("load")
    logs.info(
        "model_loaded",
        seconds=round(time.monotonic() - began, 3),
        folder=str(engine.config.model.folder),
        **predictor.choice,
    )
    engine.loaded.set_result(predictor)


def explain(error: BaseException) -> dict[str, object]:
    """Give the log's fields for a failed start; a traceback only where it shows somebody's code."""
    if not isinstance(error, StartError):
        problem = f"loading the model raised {type(error).__name__}: {error}"
        return {"message": problem, "exception": "".join(traceback.format_exception(error))}
    if error.__cause__:
        return {"message": str(error), "exception": "".join(traceback.format_exception(error.__cause__))}
    return {"message": str(error)}


class Work:
    """A worker's hours: from the start of its event loop to its end."""

    def __init__(self, engine: Engine, post: Post, start: Start, phases: Phases) -> None:
        """Prepare, inside the event loop."""
        self._engine, self._post, self._start, self._phases = engine, post, start, phases
        quick = start is Start.TEMPLATE
        self._app = Application(engine)
        self._server = Server(self._app, partial(access.refused, slot=engine.slot), engine, quick=quick)
        self._may_listen = asyncio.Event()  # or need not any more
        self._stopped = False

    async def run(self) -> None:
        """Answer requests until SIGTERM or until the supervisor is gone; a template, until the model is loaded."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stop)
        loop.add_reader(self._post.channel.fileno(), self._listen_to_supervisor)
        ready = asyncio.create_task(self._get_ready())
        if self._start is Start.AFTER_LOAD:
            await self._may_listen.wait()
        if not self._stopped:
            await self._server.serve(sockets=[self._post.listener])
        loop.remove_reader(self._post.channel.fileno())
        loop.remove_signal_handler(signal.SIGTERM)
        ready.cancel()

    def _stop(self) -> None:
        self._stopped = True
        self._server.stop()
        self._may_listen.set()

    def _listen_to_supervisor(self) -> None:
        for message in self._post.channel.receive():
            self._engine.hear(message)
        if self._post.channel.closed:
            asyncio.get_running_loop().remove_reader(self._post.channel.fileno())
            self._stop()

    async def _get_ready(self) -> None:
        if self._engine.many:
            template.settle()
            await self._engine.many.begin()
        else:
            predictor = await asyncio.shield(asyncio.wrap_future(self._engine.loaded))
            if self._start is Start.TEMPLATE:
                self._stop()
                return
            template.settle()
            await self._engine.begin(predictor)
        self._phases.end("warm_up")
        self._may_listen.set()
        await self._server.listening.wait()
        listening_ms = self._phases.until(self._server.listening_at)
        logs.info("started", place=self._post.place, **self._phases.fields(), listening_ms=listening_ms)
        await self._app.get()


async def work(engine: Engine, post: Post, start: Start, phases: Phases) -> None:
    """Work until told to stop."""
    await Work(engine, post, start, phases).run()


def run(engine: Engine, post: Post, start: Start, phases: Phases) -> None:
    """Run the event loop."""
    with asyncio.Runner(loop_factory=Server.loop_factory()) as runner:
        runner.run(work(engine, post, start, phases))
        if start is not Start.TEMPLATE:
            logs.flush_and_exit(0)


def run_forked(config: "Settings", predictor: "Predictor", post: Post) -> None:
    """Be a worker whose model is there already."""
    phases = Phases(time.monotonic())
    engine = Engine(config, post.board, post.place)
    engine.loaded.set_result(predictor)
    run(engine, post, Start.AFTER_LOAD, phases)


def be_template(engine: Engine, post: Post, start: Start, phases: Phases, loader: threading.Thread) -> None:
    """Answer pings while the model loads, unless others do, then fork workers; or tell why not."""
    if start is Start.TEMPLATE:
        listening = post.listener.dup()  # the server closes the one it is given
        run(engine, Post(post.place, listening, post.board, post.channel), start, phases)
        if not engine.loaded.done():
            logs.flush_and_exit(0)
    loader.join()
    problem = template.obstacle({post.listener.fileno(), post.channel.fileno()})
    if problem:
        post.channel.send("cannot_share", reason=problem)
        logs.flush_and_exit(0)
    predictor = engine.loaded.result()
    post.channel.send("can_fork", **phases.fields())
    template.fork_workers(post, partial(run_forked, engine.config, predictor), partial(import_module, "serving.app"))
    logs.flush_and_exit(0)


def main(arguments: list[str]) -> None:
    """Load, serve, and end the process."""
    phases = Phases(process_began())
    phases.end("imports")
    faulthandler.enable()  # a crash in native code leaves its Python stack in the log
    logs.configure(os.environ)
    prints.capture()
    post, start = Post.of(arguments), Start(arguments[5])
    engine = Engine(settings.load(os.environ), post.board, post.place)
    if engine.config.server.multi_model:
        from serving.multi_model.service import Service  # noqa: PLC0415 - with numpy, and few endpoints need it

        engine.many = Service(engine, post.channel)
    phases.end("settings")
    loader = threading.Thread(target=load_model, args=(engine, post, phases), daemon=True, name="load-model")
    loader.start()
    if start in {Start.TEMPLATE, Start.QUIET_TEMPLATE}:
        engine.keep_waiting = False
        be_template(engine, post, start, phases, loader)
    else:
        run(engine, post, start, phases)


if __name__ == "__main__":
    main(sys.argv[1:])
