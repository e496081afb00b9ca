"""The program under test, asked from outside."""

import json
from dataclasses import dataclass, field

from processes import run

# Transitions take whole servers away, which an apply does only when it is told so.
ALL_MAY_GO = [word for kind in ("prometheus", "alertmanager", "jaeger", "grafana", "wireguard") for word in ("--allow-removal", kind)]


@dataclass
class Answer:
    """What `vigie validate` said. `troubles` are what it must never do: [(what, words)]."""
    valid: bool
    findings: list
    troubles: list = field(default_factory=list)

    @property
    def errors(self):
        return [each for each in self.findings if each["severity"] == "error"]

    @property
    def codes(self):
        return sorted({each["code"] for each in self.errors})


class Vigie:
    """`tools` is what `validate --tools` gets, where the program knows that option: off for its own judgement, require for that of
    promtool and amtool as well."""

    def __init__(self, program, tools):
        self.program = program
        knows = "--tools" in run([program, "validate", "--help"]).out
        self._tools = ["--tools", tools] if knows else []
        self._standing = ["--tools", "require"] if knows and tools != "require" else None

    def validate(self, directory):
        return self._validate(directory, self._tools)

    def stands(self, directory):
        """Whether its answer stays `valid` with the checkers; None when the program cannot ask them itself."""
        return None if self._standing is None else self._validate(directory, self._standing).valid

    def _validate(self, directory, options):
        said = run([self.program, "validate", "-o", "json", *options, directory])
        if said.code not in (0, 1, 2):
            return Answer(False, [], [_died("validate", said)])
        try:
            told = json.loads(said.out)
        except ValueError:
            return Answer(False, [], [("crash", f"validate: exit code {said.code} and no JSON: {said.words}")])
        answer = Answer(told["valid"], told["findings"])
        notes = [each for each in answer.findings if each["severity"] == "info"]
        if answer.valid == bool(answer.errors) or (said.code == 0) != (len(notes) == len(answer.findings)):
            answer.troubles.append(("crash", f"validate: valid is {answer.valid} with {len(answer.errors)} errors, exit code {said.code}"))
        return answer

    def render(self, directory, host, root, out, reveal):
        """Writes the files of a host below `out`; what is wrong with that, or None."""
        options = ["--reveal-secrets"] if reveal else []
        said = run([self.program, "render", "--host", host, "--root", root, "-o", out, *options, directory])
        return None if said.code == 0 else _died(f"render --host {host}", said)

    def apply(self, directory, host, root):
        said = run([self.program, "apply", "--host", host, "--root", root, "--yes", *ALL_MAY_GO, directory])
        return None if said.code == 0 else _died(f"apply --host {host}", said)

    def plan(self, directory, host, root):
        """What is wrong with a plan that should be empty, or None."""
        said = run([self.program, "plan", "--host", host, "--root", root, "--detailed-exitcode", directory])
        return None if said.code == 0 else _died(f"plan --host {host}", said)


def _died(what, said):
    how = "did not end" if said.code is None else f"signal {-said.code}" if said.code < 0 else f"exit code {said.code}"
    return "crash", f"{what}: {how}: {said.words}"
