"""Requests answered together: what is joined, what each gets back, and where predictions run."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from asking import CSV, JSON, Shows, Sums, limits, predictor

from serving import board, examples, pace
from serving.call import Call
from serving.columns import Column, ColumnType, Schema, named
from serving.equality import same
from serving.errors import RequestError
from serving.gathering import Gathering
from serving.hooks import Hooks
from serving.inputs import Inputs, Texts
from serving.invocation import Invocation
from serving.lane import Lane, Turn, never
from serving.pace import Pace
from serving.reply import Reply
from serving.settings import Lanes
from serving.together import Answer, Together

FOUR = Schema(width=4)


class Counts(Sums):
    """Sums rows, and notes how many came at a time."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def predict(self, data: Any) -> Any:
        self.batches.append(len(data))
        if (data[:, 0] < 0).any():
            raise ValueError("negative")
        return super().predict(data)


def together(model: Any, inputs: Inputs = FOUR) -> Together:
    made = predictor(inputs, model).together
    assert made is not None
    return made


def body(*rows: Sequence[float], content_type: str = JSON, accept: str = "") -> Invocation:
    text = json.dumps({"instances": rows})
    if content_type == CSV:
        text = "".join(",".join(map(str, row)) + "\n" for row in rows)
    return Invocation(text.encode(), content_type, accept)


def said(answer: Answer) -> Any:
    if isinstance(answer, RequestError):
        return answer.status
    assert isinstance(answer, Reply)
    return answer.body.decode()


ONE, TWO = (1.0, 2.0, 3.0, 4.0), (5.0, 6.0, 7.0, 8.0)


def test_one_prediction_for_all_and_to_each_its_own_in_its_own_format() -> None:
    model = Counts()
    answers = together(model).answer(
        [body(ONE), body(TWO, ONE, content_type=CSV), body(TWO, accept="text/csv"), body(ONE, TWO, ONE)]
    )
    assert model.batches == [7]
    assert [said(answer) for answer in answers] == [
        '{"predictions":[10.0]}',
        '{"predictions":[26.0,10.0]}',
        "26.0\n",
        '{"predictions":[10.0,26.0,10.0]}',
    ]
    assert [answer.timings.together for answer in answers if isinstance(answer, Reply)] == [4, 4, 4, 4]


def test_a_refusal_is_its_own_requests_alone() -> None:
    model = Counts()
    answers = together(model).answer(
        [body(ONE), Invocation(b"{", JSON, ""), body(ONE[:3]), body(ONE, accept="image/png"), body(TWO)]
    )
    assert [said(answer) for answer in answers] == ['{"predictions":[10.0]}', 400, 400, 406, '{"predictions":[26.0]}']
    assert model.batches == [2]


def test_a_batch_that_fails_is_answered_one_by_one() -> None:
    model = Counts()
    answers = together(model).answer([body(ONE), body((-1.0, 0, 0, 0)), body(TWO)])
    assert [said(answer) for answer in answers] == ['{"predictions":[10.0]}', 500, '{"predictions":[26.0]}']
    assert model.batches == [3, 1, 1, 1]


class Zeros(Counts):
    """Predicts zeros, and notes how many at a time."""

    def predict(self, data: Any) -> Any:
        self.batches.append(len(data))
        return np.zeros(len(data), int)


def test_rows_of_other_types_are_not_joined() -> None:
    """A data frame's columns get their types from all of its cells: 1 beside "a" would be no number any more."""
    model = Zeros()
    rows: list[list[Any]] = [[1, "a"], [1.5, "b"], [2, "c"]]
    columns = named((Column("number", None), Column("text", ColumnType.STRING)))
    asked = [Invocation(json.dumps({"instances": [row]}).encode(), JSON, "") for row in rows]
    assert [said(answer) for answer in together(model, columns).answer(asked)] == ['{"predictions":[0]}'] * 3
    assert sorted(model.batches) == [1, 2]


class Lengths:
    """Predicts how long texts are, and notes how many came at a time."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def predict(self, data: Any) -> Any:
        self.batches.append(len(data))
        return [len(row["text"]) for row in data]


def test_texts_are_joined_whatever_their_lengths() -> None:
    model = Lengths()
    asked = [Invocation(json.dumps({"instances": texts}).encode(), JSON, "") for texts in (["a"], ["bb", "ccc"])]
    assert [said(one) for one in together(model, Texts()).answer(asked)] == [
        '{"predictions":[1]}',
        '{"predictions":[2,3]}',
    ]
    assert model.batches == [3]
    assert together(model, Texts()).joins(asked[0])


OWN = {
    "input_fn": Hooks(input_fn=lambda *_: None),
    "predict_fn": Hooks(predict_fn=lambda *_: None),
    "output_fn": Hooks(output_fn=lambda *_: None),
    "transform_fn": Hooks(transform_fn=lambda *_: None),
}


@pytest.mark.parametrize("name", OWN)
def test_functions_of_the_user_get_one_request_at_a_time(name: str) -> None:
    made = predictor(FOUR, Sums(), OWN[name])
    assert made.together is None
    assert made.alone_because.startswith(f"{name} of inference.py")


def test_where_answers_may_come_in_pieces_requests_are_not_joined_and_that_is_said() -> None:
    assert predictor(FOUR, Sums()).alone_because == ""
    assert (
        predictor(FOUR, Sums(), stream=True).alone_because
        == "serving.stream is on: an answer in pieces is one request's"
    )


class OfBatch:
    """A model whose answer for a row depends on the rows beside it."""

    def predict(self, data: Any) -> Any:
        return data.sum(axis=1) - data.mean()


class Lump:
    """A model with one answer for all."""

    def predict(self, data: Any) -> Any:
        return np.array([data.sum()])


@pytest.mark.parametrize(("model", "joins"), [(Sums(), True), (Shows(), True), (OfBatch(), False), (Lump(), False)])
def test_only_a_model_that_answers_rows_as_it_does_alone_is_given_several(model: Any, joins: bool) -> None:  # noqa: FBT001
    assert together(model).joins(body(ONE)) is joins


# ---- the pace


class Takes:
    """A model of so many seconds a call, and so many a row, by a clock of its own."""

    def __init__(self, call: float, row: float = 0.0) -> None:
        self.call, self.row = call, row
        self.clock = 0.0

    def predict(self, data: Any) -> Any:
        self.clock += self.call + self.row * len(data)
        return data.sum(axis=1)


def measured(model: Any, given: int | None = None, **server: Any) -> Pace:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pace, "perf_counter", lambda: getattr(model, "clock", 0.0))
        return pace.measure(together(model), lambda count: examples.rows(FOUR, {}, count), limits(**server), given)


def test_a_cheap_model_stays_in_the_event_loop_with_as_many_at_once_as_take_well_under_a_millisecond() -> None:
    found = measured(Takes(0.0003, row=0.00002))
    assert (found.inline, found.size) == (True, 32)
    assert len(examples.rows(FOUR, {}, 64)) == found.inline_bytes  # that body takes 1.6 ms, one of twice the rows 2.9


def test_requests_that_are_measured_are_as_long_as_real_ones() -> None:
    """How many bytes the event loop takes is found with them: with short ones it would leave out real ones of as many rows."""
    real = json.dumps({"instances": [[-1.234567, 0.654321, 2.345678, -0.000123]] * 100})
    assert 0.7 < len(examples.rows(FOUR, {}, 100)) / len(real) < 1
    chosen = Schema((Column("a", ColumnType.FLOAT, (0.0, 1.0)), Column("b", ColumnType.FLOAT)))
    assert json.loads(examples.rows(chosen, {}, 1)) == {"instances": [[0.0, examples.USUAL]]}


def test_a_model_that_takes_long_goes_to_a_thread_and_what_waits_is_joined() -> None:
    found = measured(Takes(0.02))
    assert (found.inline, found.size > 1) == (False, True)


def test_a_batch_that_is_no_faster_is_not_made() -> None:
    found = measured(Takes(0.0, row=0.02))
    assert (found.inline, found.size) == (False, 1)
    assert found.fields()["reason"] == "a prediction would hold the event loop; one at a time: a batch is no faster"


@pytest.mark.parametrize(("lane", "inline"), [(Lanes.INLINE, True), (Lanes.THREADS, False)])
def test_serving_toml_decides_where_it_says_so(lane: Lanes, inline: bool) -> None:  # noqa: FBT001
    found = measured(Takes(0.001), lane=lane)
    assert (found.inline, found.why.split(";")[0]) == (inline, "serving.toml says so")


def test_a_number_that_is_known_is_not_measured() -> None:
    found = measured(Takes(0.0, row=0.02), 5)
    assert (found.inline, found.size) == (False, 5)
    assert measured(OfBatch(), 5).size == 1  # but that it answers them as it does alone


def test_batching_off_is_one_at_a_time() -> None:
    assert measured(Takes(0.002), batch_size=1).size == 1


def test_a_model_that_refuses_the_example_is_asked_as_ever() -> None:
    class Refuses:
        def predict(self, _data: Any) -> Any:
            raise ValueError

    found = measured(Refuses())
    assert (found.inline, found.size) == (False, 1)


# ---- waiting


class Desk:
    """A gathering with a model of the test's own."""

    def __init__(self, answer: Callable[[Sequence[Invocation]], list[Answer]], *, inline: bool, **server: Any) -> None:
        self.slot = board.make(1).take(0)
        config = limits(**server)
        self.lane = Lane(config.threads, config.queue_size, self.slot)
        self.gathering = Gathering(answer, Pace(inline, 4, 1000, ""), config, self.lane)

    async def ask(self, count: int) -> list[Any]:
        """Ask so many times at once; an answer or a refusal each."""
        turn = Turn(60, never)
        asked = (self.gathering.answer(Invocation(b"%d" % number, JSON, ""), turn) for number in range(count))
        return await asyncio.gather(*asked, return_exceptions=True)


class Notes:
    """Answers each request with its own body, and keeps the batches and the threads they ran in."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.threads: set[str] = set()

    def __call__(self, asked: Sequence[Invocation]) -> list[Answer]:
        self.batches.append(len(asked))
        self.threads.add(threading.current_thread().name)
        return [Reply(one.body, JSON) for one in asked]


@pytest.mark.parametrize(("inline", "thread"), [(True, "MainThread"), (False, "predict_0")])
def test_what_waits_when_the_loop_turns_is_one_batch(inline: bool, thread: str) -> None:  # noqa: FBT001
    async def main() -> None:
        notes = Notes()
        answers = await Desk(notes, inline=inline).ask(7)
        assert [answer.body for answer in answers] == [b"%d" % number for number in range(7)]
        assert (notes.batches, notes.threads) == ([4, 3], {thread})

    asyncio.run(main())


def test_the_queue_before_a_busy_thread_is_bounded_and_shown() -> None:
    async def main() -> None:
        began, free = threading.Event(), threading.Event()

        def slow(asked: Sequence[Invocation]) -> list[Answer]:
            began.set()
            free.wait(60)
            return [Reply(one.body, JSON) for one in asked]

        desk = Desk(slow, inline=False)
        first = asyncio.create_task(desk.ask(1))
        await asyncio.to_thread(began.wait, 60)
        rest = asyncio.create_task(desk.ask(10))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert desk.slot.get("queued") == 8
        free.set()
        answers = [*await first, *await rest]
        assert [said(answer) for answer in answers if isinstance(answer, RequestError)] == [503, 503]
        assert desk.slot.get("queued") == 0

    asyncio.run(main())


def test_a_deadline_is_each_requests_own_and_the_work_learns_that_nobody_waits() -> None:
    async def main() -> None:
        wanted = threading.Event()

        def hangs(asked: Sequence[Invocation]) -> list[Answer]:
            from serving.context import still_wanted  # noqa: PLC0415

            while still_wanted():
                time.sleep(0.01)
            wanted.set()
            return [Reply(one.body, JSON) for one in asked]

        desk = Desk(hangs, inline=False, timeout_seconds=0.1)
        answers = await desk.ask(2)
        assert [(said(answer), answer.code) for answer in answers] == [(503, "overloaded")] * 2
        assert await asyncio.to_thread(wanted.wait, 60)

    asyncio.run(main())


def test_a_caller_that_leaves_is_not_predicted_for() -> None:
    async def main() -> None:
        notes = Notes()
        desk = Desk(notes, inline=True)
        call = Call(Invocation(b"gone", JSON, ""), lambda _: pytest.fail("nobody waits"))
        desk.gathering.put(call)
        call.leave()
        await desk.ask(1)
        assert notes.batches == [1]

    asyncio.run(main())


def test_a_model_that_turns_out_slow_leaves_the_event_loop() -> None:
    async def main() -> None:
        threads: list[str] = []

        def slow(asked: Sequence[Invocation]) -> list[Answer]:
            threads.append(threading.current_thread().name)
            until = time.thread_time() + 0.03
            while time.thread_time() < until:
                pass
            return [Reply(one.body, JSON) for one in asked]

        desk = Desk(slow, inline=True)
        for _ in range(5):
            await desk.ask(1)
        assert threads == ["MainThread"] * 4 + ["predict_0"]

    asyncio.run(main())


# ---- what is the same

EQUAL = [
    (np.array([1.0, np.nan]), np.array([1.0 + 1e-9, np.nan])),
    (["a", "b"], ["a", "b"]),
    ([{"label": "a", "score": 0.5}], [{"label": "a", "score": 0.5 + 1e-9}]),
]
DIFFERENT: list[tuple[Any, Any]] = [
    (np.array([1.0]), np.array([1.01])),
    (np.array([1, 2]), np.array([1, 3])),
    (np.array([1.0]), np.array([[1.0]])),
    ([{"label": "a"}], [{"label": "b"}]),
    ([{"label": "a"}], [{"name": "a"}]),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_the_same(one: Any, other: Any) -> None:
    assert same(one, other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_not_the_same(one: Any, other: Any) -> None:
    assert not same(one, other)
