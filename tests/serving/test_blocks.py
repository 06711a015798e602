"""Large bodies: read, predicted and written in blocks, with the same answer as in one piece, and in bounded memory."""
# ruff: noqa: E501 - a case a line

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from asking import CSV, JSON, LINES, Sums, ask, predictor

import serving
from serving import csv_lines, jsonl_body
from serving.columns import Column, ColumnType, Schema, named
from serving.hooks import Hooks
from serving.inputs import Inputs, Texts

AB = named((Column("a"), Column("b")))
WORDS = named((Column("n", None), Column("word", None)))
ON = named((Column("a"), Column("plan", ColumnType.STRING)))
COUNT = 500


@pytest.fixture
def blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of some lines, so that a small body has many."""
    monkeypatch.setattr(jsonl_body, "BLOCK_BYTES", 64)
    monkeypatch.setattr("serving.csv_body.BLOCK_BYTES", 64)
    monkeypatch.setattr(csv_lines, "BLOCK_RECORDS", 7)


BODIES = [
    (AB, CSV, "".join(f"{n},0\n" for n in range(COUNT))),
    (AB, CSV, "b,a\r\n" + "".join(f"0,{n}\r\n" for n in range(COUNT))),
    (AB, CSV, "\n\n" + "".join(f"{n},0\n\n" for n in range(COUNT))),
    (AB, CSV, "".join(f'"{n}",0\n' for n in range(COUNT))),
    (Schema(), CSV, "".join(f"{n},0\n" for n in range(COUNT))),
    (ON, CSV, "plan,a\n" + "".join(f'"x\n,{n}",{n}\n' for n in range(COUNT))),
    (WORDS, CSV, "".join(f"{n},{n}\n" for n in range(COUNT)) + "1,last\n"),
    (WORDS, CSV, "".join(f"{n},true\n" for n in range(COUNT)) + "1,\n"),
    (AB, LINES, "".join(f"[{n}, 0]\n" for n in range(COUNT))),
    (AB, LINES, "".join(f'{{"b": 0, "a": {n}}}\n\n' for n in range(COUNT))),
    (Texts(), LINES, "".join(f'"text {n}"\n' for n in range(COUNT))),
    (Texts(), CSV, "".join(f'"text, {n}"\n' for n in range(COUNT))),
]


@pytest.mark.parametrize("accept", [JSON, CSV, LINES])
@pytest.mark.parametrize(("inputs", "content_type", "body"), BODIES)
def test_the_answer_is_the_same_as_in_one_piece(
    request: pytest.FixtureRequest, inputs: Inputs, content_type: str, body: str, accept: str
) -> None:
    whole = ask(predictor(inputs), body, content_type, accept)
    request.getfixturevalue("blocks")

    assert ask(predictor(inputs), body, content_type, accept) == whole
    assert whole.status == (406 if isinstance(inputs, Texts) and accept == CSV else 200)


@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize("batch", [True, False])
def test_predict_fn_is_asked_block_by_block_in_a_batch_job_only(*, batch: bool) -> None:
    lengths = []

    def predict_fn(data: Any, _model: Any, _context: Any) -> Any:
        lengths.append(len(data))
        return data.sum(axis=1)

    body = "".join(f"{n},0\n" for n in range(COUNT))
    answer = ask(predictor(AB, own=Hooks(predict_fn=predict_fn), batch=batch), body, CSV, JSON)

    assert json.loads(answer.text) == {"predictions": [float(n) for n in range(COUNT)]}
    assert sum(lengths) == COUNT
    assert (max(lengths) < COUNT / 10) is batch


@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize(
    ("content_type", "body", "message"),
    [
        (CSV, "1,2\n" * 400 + "1,x\n", 'line 401, column 2 (b): expected a number, got "x"'),
        (CSV, "a,b\n" + "1,2\n" * 400 + "1\n", "line 402: expected 2 values, got 1"),
        (CSV, '"1",2\n' * 400 + "1,x\n", 'line 401, column 2 (b): expected a number, got "x"'),
        (CSV, "1,2\n" * 400 + '1,"\n', "the body is not CSV: unexpected end of data at line 401"),
        (CSV, "1,2\n" * 400 + "1,\n", "line 401, column 2 (b): this value is missing, and the model does not take missing values"),
        (CSV, "b,a\n" + '2,"1"\n\n' * 400 + "1,\n", "line 802, column 2 (a): this value is missing, and the model does not take missing values"),
        (LINES, "[1, 2]\n\n" * 400 + "[1, null]\n", "line 801[1] (b): this value is missing, and the model does not take missing values"),
        (JSON, json.dumps({"inputs": [[1, 2]] * 400 + [[1, None]]}), "inputs[400][1] (b): this value is missing, and the model does not take missing values"),
        (LINES, "[1, 2]\n" * 400 + "[1]\n", "line 401: expected 2 values, got 1"),
        (LINES, "[1, 2]\n" * 400 + "{\n", "line 401 is not JSON: Expecting property name enclosed in double quotes at line 1 column 2"),
    ],
)  # fmt: skip
def test_errors_name_the_line_of_the_whole_body(content_type: str, body: str, message: str) -> None:
    class Strict(Sums):
        def predict(self, data: Any) -> Any:
            if (data != data).any():  # noqa: PLR0124 - NaN
                raise ValueError("NaN")
            return super().predict(data)

    answer = ask(predictor(AB, Strict()), body, content_type)

    assert (answer.status, answer.text) == (400, message)


@pytest.mark.usefixtures("blocks")
def test_predict_fn_and_output_fn_get_the_whole_request() -> None:
    own = Hooks(
        predict_fn=lambda data, _model, _context: [len(data)] * len(data),
        output_fn=lambda prediction, _accept, _context: str(len(prediction)),
    )

    assert ask(predictor(AB, None, own), "1,2\n" * COUNT, CSV).text == str(COUNT)
    assert ask(predictor(AB, None, Hooks(output_fn=own.output_fn)), "1,2\n" * COUNT, CSV).text == str(COUNT)


@pytest.mark.usefixtures("blocks")
def test_a_model_that_loses_a_row_is_an_error() -> None:
    class Loses:
        def predict(self, data: Any) -> Any:
            return data[1:].tolist()

    assert ask(predictor(AB, Loses()), "1,2\n" * COUNT, CSV).status == 500


# What a process grows by while it answers one body of 100 MB: the answer itself, and some blocks.
MEASURE = """
import resource, sys
import serving
serving.__path__[:] = sys.argv[2:]
sys.path.insert(0, sys.argv[1])
from asking import predictor, Sums
from serving.columns import Column, named
from serving.invocation import Invocation

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

asked = predictor(named(tuple(Column(name) for name in "abcdefgh")), Sums())
row = b",".join(b"%d.25" % (n + 1000) for n in range(8))
for content_type, line in (("text/csv", row + b"\\n"), ("application/jsonlines", b"[" + row + b"]\\n")):
    count = 100_000_000 // len(line)
    asked.answer(Invocation(line * 1000, content_type, "text/csv"))
    body = line * count
    before = peak()
    answer = asked.answer(Invocation(body, content_type, "text/csv"))
    assert (answer.rows, answer.body.count(b"\\n")) == (count, count)
    print((peak() - before) / len(body))
"""


def test_a_body_of_100_mb_takes_less_than_another_one(tmp_path: Path) -> None:
    script = tmp_path / "measure.py"
    script.write_text(MEASURE, encoding="utf-8")
    root = Path(serving.__file__).parents[1]
    arguments = [sys.executable, str(script), str(Path(__file__).parent), *serving.__path__]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(root)})

    assert done.returncode == 0, done.stderr
    growth = [float(line) for line in done.stdout.split()]
    assert len(growth) == 2
    assert all(share < 1 for share in growth), growth


def test_a_cell_may_be_long() -> None:
    assert json.loads(ask(predictor(Texts()), '"' + "a" * 200_000 + '"\n', CSV, JSON).text)["predictions"][0][
        "text"
    ] == ("a" * 200_000)


def test_a_column_says_what_to_do_about_its_texts() -> None:
    column = Column("plan", hint="; send its number")

    answer = ask(predictor(named((column,))), '[["basic"]]')
    assert answer.text == 'instances[0][0] (plan): expected a number, got "basic"; send its number'
    assert ask(predictor(named((column,))), "plan\n1\nbasic\n", CSV).text.endswith("; send its number")
