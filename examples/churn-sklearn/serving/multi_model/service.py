"""What makes a worker a multi-model one: its models, its line to the other workers, and no model of its own."""

import asyncio
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from serving.channel import Channel
from serving.multi_model import footprint
from serving.multi_model.models import Models
from serving.multi_model.peer import Peer
from serving.settings import PROJECT

if TYPE_CHECKING:
    from serving.engine import Engine
    from serving.hooks import Hooks
    from serving.predictor import Predictor


class Service:
    """The models of this worker."""

    def __init__(self, engine: "Engine", channel: Channel) -> None:
        """Start with none; `begin` learns which there are."""
        self._engine = engine
        self._hooks: Future[Hooks] = Future()
        self.models = Models(self._load, footprint.budget_bytes(engine.config.server.workers))
        self.peer = Peer(channel, self.models)
        engine.on_message |= self.peer.handlers

    def prepare(self) -> None:
        """Import the framework and inference.py, once for all models. Raises StartError."""
        from serving import hooks, predictor  # noqa: F401, PLC0415 - imports the framework, beside the event loop

        self._hooks.set_result(hooks.load(PROJECT))

    async def begin(self) -> None:
        """Know what the other workers know, then answer pings with 200: the platform loads models only then."""
        await asyncio.wrap_future(self._hooks)
        await self.peer.join()
        await self._engine.health.begin(None, certain=False)  # which models there will be, nobody knows yet

    def _load(self, name: str, folder: Path) -> "Predictor":
        from serving.predictor import Predictor  # noqa: PLC0415 - see `prepare`

        config = self._engine.config
        return Predictor.load(config, replace(config.model, name=name, folder=folder), self._hooks.result())
