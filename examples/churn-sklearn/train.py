"""Trains the sample model and packs it: `python train.py` writes model/ and model.tar.gz, the same bytes every time.

The data is the iris set that scikit-learn ships: four measures of a flower in centimetres, three species. Replace this
file by your own training, or name a trained model with model.artifact in byocgen.yaml.
"""

from pathlib import Path

import joblib
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from package import ARCHIVE, FOLDER, pack


def main() -> None:
    """Fit, save, pack."""
    iris = load_iris()
    model = make_pipeline(StandardScaler(), LogisticRegression(random_state=0))
    model.fit(iris.data, iris.target_names[iris.target])
    FOLDER.mkdir(exist_ok=True)
    joblib.dump(model, Path(FOLDER, "model.joblib"))
    pack(FOLDER, ARCHIVE)


if __name__ == "__main__":
    main()
