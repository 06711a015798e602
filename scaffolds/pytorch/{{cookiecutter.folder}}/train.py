"""Trains the sample model and packs it: `python train.py` writes model/ and model.tar.gz, the same bytes every time.

The data is Fisher's iris set (iris.csv, in the public domain): four measures of a flower in centimetres, three species.
The model answers with the probability of each species, in the order of their names. Replace this file by your own
training, or name a trained model with model.artifact in byocgen.yaml.
"""

import csv
from pathlib import Path

import torch
from torch import nn

from package import ARCHIVE, FOLDER, pack

STEPS = 300


class Net(nn.Module):
    """Two layers on measures that are brought to mean 0 and deviation 1."""

    mean: torch.Tensor
    deviation: torch.Tensor

    def __init__(self, measures: torch.Tensor, species: int) -> None:
        """Take mean and deviation from the training data."""
        super().__init__()
        self.register_buffer("mean", measures.mean(0))
        self.register_buffer("deviation", measures.std(0))
        self.layers = nn.Sequential(nn.Linear(measures.shape[1], 16), nn.ReLU(), nn.Linear(16, species))

    def forward(self, measures: torch.Tensor) -> torch.Tensor:
        """Give the probabilities of the species, a row a flower."""
        return self.layers((measures - self.mean) / self.deviation).softmax(dim=1)


def main() -> None:
    """Fit, save, pack."""
    with Path("iris.csv").open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    measures = torch.tensor([[float(value) for value in row[:4]] for row in rows])
    names = sorted({row[4] for row in rows})
    species = torch.tensor([names.index(row[4]) for row in rows])

    torch.manual_seed(0)
    torch.set_num_threads(1)  # sums in another order would give other bytes
    model = Net(measures, len(names))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = nn.functional.nll_loss(model(measures).log(), species)
        loss.backward()
        optimizer.step()

    # A program brings its own code; the number of rows in a request is free, that of the measures is not.
    shapes = {"measures": {0: torch.export.Dim("batch")}}
    program = torch.export.export(model.eval(), (measures[:2],), dynamic_shapes=shapes)
    FOLDER.mkdir(exist_ok=True)
    torch.export.save(program, FOLDER / "model.pt2")
    pack(FOLDER, ARCHIVE)


if __name__ == "__main__":
    main()
