"""Trains the sample model and packs it: `python train.py` writes model/ and model.tar.gz, the same bytes every time.

The data is Fisher's iris set (iris.csv, in the public domain): four measures of a flower in centimetres, three species.
The model answers with the probability of each species, in the order of their names. Replace this file by your own
training, or name a trained model with model.artifact in byocgen.yaml.
"""

import csv
from pathlib import Path

import lightgbm
import numpy as np

from package import ARCHIVE, FOLDER, pack

PARAMETERS = {
    "objective": "multiclass",
    "num_class": 3,
    "num_leaves": 7,
    "min_data_in_leaf": 5,
    "seed": 0,
    "num_threads": 1,  # sums in another order would give other bytes
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


def main() -> None:
    """Fit, save, pack."""
    with Path("iris.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    measures = np.array([row[:4] for row in rows], dtype=np.float64)
    names = sorted({row[4] for row in rows})
    species = [names.index(row[4]) for row in rows]

    # With feature_name=[...], or from a data frame, the model would know its columns; byocgen.yaml may name them as well.
    model = lightgbm.train(PARAMETERS, lightgbm.Dataset(measures, species), num_boost_round=30)
    FOLDER.mkdir(exist_ok=True)
    model.save_model(FOLDER / "model.txt")
    pack(FOLDER, ARCHIVE)


if __name__ == "__main__":
    main()
