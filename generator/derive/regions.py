"""``regions.json``: where SageMaker is, from botocore's endpoint data, with a short code for names.

A code is the region's area, its directions' initials and its number: ``ap-southeast-2`` is ``apse2``. Codes stand in
bucket and role names, so they are unique, at most six characters, and never change once published.
"""

import re
import sys
from importlib.metadata import version

import botocore.session

from derive.outputs import CATALOG, Output, rows_document, run

DATA = CATALOG / "data" / "regions.json"
DIRECTIONS = re.compile("north|south|east|west|central")
LONGEST_CODE = 6
# Words that are no direction, mostly the closed partitions'; their first letters alone would give two regions one code.
WORDS = {"eusc": "es", "de": "d", "gov": "g", "iso": "i", "isob": "ib", "isoe": "ie", "isof": "if"}


def derive(derived: str) -> list[Output]:
    """One output: every region of every partition that has SageMaker. Raises ValueError for a code that is no good."""
    session = botocore.session.get_session()
    rows = [
        {"name": name, "code": code(name), "partition": partition}
        for partition in session.get_available_partitions()
        for name in session.get_available_regions("sagemaker", partition_name=partition)
    ]
    rows.sort(key=lambda row: row["name"])
    refuse_bad_codes([row["code"] for row in rows])
    source = f"botocore {version('botocore')} endpoints.json, regions with a SageMaker endpoint"
    return [Output(DATA, rows_document(source, derived, regions=rows))]


def code(region: str) -> str:
    """The short code of a region: ``us-gov-west-1`` is ``usgw1``. Raises ValueError for a part it does not know."""
    area, *middle, number = region.split("-")
    return WORDS.get(area, area) + "".join(initials(word) for word in middle) + number


def initials(word: str) -> str:
    """``southeast`` is ``se``. Raises ValueError for a word that is neither a direction nor in WORDS."""
    directions: list[str] = DIRECTIONS.findall(word)
    if "".join(directions) == word:
        return "".join(direction[0] for direction in directions)
    if word not in WORDS:
        message = f"no initials for {word!r} in a region's name: add it to WORDS"
        raise ValueError(message)
    return WORDS[word]


def refuse_bad_codes(codes: list[str]) -> None:
    """Raise ValueError for a code that two regions share or that is too long for the names made from it."""
    bad = sorted({each for each in codes if codes.count(each) > 1 or len(each) > LONGEST_CODE})
    if bad:
        message = f"region codes shared or longer than {LONGEST_CODE}: {', '.join(bad)}"
        raise ValueError(message)


if __name__ == "__main__":
    run(derive, DATA, sys.argv[1:])
