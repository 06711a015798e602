"""Makes the sample model and packs it: `python train.py` writes model/ and model.tar.gz, the same bytes every time.

The data is Fisher's iris set (iris.csv, in the public domain): four measures of a flower in centimetres, three species.
The model is the mean flower of each species. Replace this file by your own training, or name a finished model with
model.artifact in byocgen.yaml; inference.py reads what is written here.
"""

import csv
import json
from pathlib import Path

from package import ARCHIVE, FOLDER, pack


def main() -> None:
    """Average, save, pack."""
    with Path("iris.csv").open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    centres = {
        name: [
            round(sum(float(row[column]) for row in rows if row[4] == name) / sum(row[4] == name for row in rows), 4)
            for column in range(4)
        ]
        for name in sorted({row[4] for row in rows})
    }
    FOLDER.mkdir(exist_ok=True)
    text = json.dumps({"columns": header[:4], "centres": centres}, indent=2)
    Path(FOLDER, "centres.json").write_text(text + "\n", encoding="utf-8")
    pack(FOLDER, ARCHIVE)


if __name__ == "__main__":
    main()
