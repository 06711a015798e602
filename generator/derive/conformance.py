"""`docs/verify.md`: every check of the conformance suite, from the rules that the code registers."""

from collections.abc import Iterator
from itertools import groupby

from byocgen.verify import suite
from byocgen.verify.rule import Need, Rule

GROUPS = {
    "1": "Start",
    "2": "Connections and health",
    "3": "Requests: answers, refusals, sizes",
    "4": "Clients",
    "5": "Stop, and what is left",
    "6": "Batch transform",
    "7": "Multi-model endpoints",
    "8": "Streams",
    "9": "Images",
}
_NEEDS = {
    Need.CONTROL: "`--command` or `--image`",
    Need.IMAGE: "`--image`",
    Need.EXAMPLE: "`--payload`",
    Need.STREAM: "`--stream`",
}


def page(generated: str) -> str:
    """Give the page; `generated` is the line that says who wrote it."""
    groups = groupby(suite.checks(), key=lambda rule: rule.code[1])
    return f"""# Checks of `byocgen verify`

{generated}
`byocgen verify` does to a server what the platform does, and names the rule that it breaks. It takes any SageMaker container:
`--image TAG`, `--command 'python -m serving'` (`serve` is appended), `--url http://127.0.0.1:8080`, or in a generated project
nothing at all. A project has the suite as `verify/`, for `python -m verify` and as its tests.

An error breaks the platform's contract (exit code 1); a warning is good to know (exit code 0). A check that lacks something says
so and is skipped. Codes are stable; `--only V2,V301` and `--skip V4xx` choose them. [api] is AWS's API reference, [doc] its
developer guide, [field] another public page.
{"".join(f"{chr(10)}## {GROUPS[name]}{chr(10)}{''.join(_sections(rules))}" for name, rules in groups)}"""


def _sections(rules: Iterator[Rule]) -> Iterator[str]:
    for one in rules:
        needs = [text for need, text in _NEEDS.items() if need in one.needs]
        needs += [f"`--mode {mode}`" for mode in sorted(one.modes)]
        terms = f", with {' and '.join(needs)}" if needs else ""
        yield f"\n### {one.code}\n\n{one.title}. ({one.severity.value.capitalize()}{terms}.)\n\n"
        yield f"- Rule: [{one.source.kind}] {one.source.text}: <{one.source.url}>\n- Fix: {one.fix}\n"
