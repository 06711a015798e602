"""Trains the sample model and packs it: `python train.py` writes model/ and model.tar.gz, the same bytes every time.

The data is Fisher's iris set (iris.csv, in the public domain): four measures of a flower in centimetres, three species.
The model answers with the probability of each species, in the order of their names. Replace this file by your own
training, or name a trained model with model.artifact in byocgen.yaml.
"""

import csv
from pathlib import Path

import numpy as np
import xgboost

from package import ARCHIVE, FOLDER, pack

PARAMETERS = {
    "objective": "multi:softprob",
    "num_class": 3,
    "max_depth": 3,
    "eta": 0.3,
    "seed": 0,
    "nthread": 1,  # sums in another order would give other bytes
}


def main() -> None:
    """Fit, save, pack."""
    with Path("iris.csv").open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    measures = np.array([row[:4] for row in rows], dtype=np.float32)
    names = sorted({row[4] for row in rows})
    species = [names.index(row[4]) for row in rows]

    # The model keeps the columns' names: a request may have objects in any order.
    data = xgboost.DMatrix(measures, species, feature_names=header[:4])
    model = xgboost.train(PARAMETERS, data, num_boost_round=30)
    FOLDER.mkdir(exist_ok=True)
    model.save_model(FOLDER / "model.ubj")
    pack(FOLDER, ARCHIVE)


if __name__ == "__main__":
    main()
