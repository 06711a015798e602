"""What makes a worker a multi-model one: its models, its line to the other workers, and no model of its own."""

from dataclasses import replace
from pathlib import Path

from serving.channel import Channel
from serving.engine import Engine
from serving.multi_model import footprint
from serving.multi_model.models import Models
from serving.multi_model.peer import Peer
from serving.predictor import Predictor
from serving.settings import Settings


class Service:
    """The models of this worker."""

    def __init__(self, engine: Engine, channel: Channel) -> None:
        """Start with none; `begin` learns which there are."""
        server = engine.config.server
        self._engine = engine
        self.models = Models(lambda name, folder: _load(engine.config, name, folder), footprint.budget_bytes(server.workers))
        self.peer = Peer(channel, self.models)
        engine.on_message |= self.peer.handlers

    async def begin(self) -> None:
        """Know what the other workers know, then answer pings with 200: the platform loads models only then."""
        await self.peer.join()
        await self._engine.health.begin(_nothing, certain=False)


def _load(config: Settings, name: str, folder: Path) -> Predictor:
    return Predictor.load(config, replace(config.model, name=name, folder=folder))


async def _nothing() -> None:
    # Which models there will be, nobody knows yet: there is nothing to warm up.
    return
