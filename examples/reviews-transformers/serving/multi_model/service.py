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
from serving.settings import Settings

if TYPE_CHECKING:
    from serving.engine import Engine
    from serving.predictor import Predictor


class Service:
    """The models of this worker."""

    def __init__(self, engine: "Engine", channel: Channel) -> None:
        """Start with none; `begin` learns which there are."""
        server = engine.config.server
        self._engine = engine
        self.imported: Future[None] = Future()  # the framework, by another thread
        self.models = Models(
            lambda name, folder: _load(engine.config, name, folder), footprint.budget_bytes(server.workers)
        )
        self.peer = Peer(channel, self.models)
        engine.on_message |= self.peer.handlers

    async def begin(self) -> None:
        """Know what the other workers know, then answer pings with 200: the platform loads models only then."""
        await asyncio.wrap_future(self.imported)
        await self.peer.join()
        await self._engine.health.begin(None, certain=False)  # which models there will be, nobody knows yet


def _load(config: Settings, name: str, folder: Path) -> "Predictor":
    from serving.predictor import Predictor  # noqa: PLC0415 - is there already

    return Predictor.load(config, replace(config.model, name=name, folder=folder))
