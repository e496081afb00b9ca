"""Whether a program takes a value that vigie refuses: put where a good value of the same field arrived."""

import shutil

import texts
from meaning import ANY_NAME, at
from rendered import Rendered

# What a program makes of a path or of the name of a secret is not the question: vigie itself looks for these.
_NOT_JUDGED = ("relative-path",)


class Native:
    def __init__(self, bench, meaning):
        self._bench, self._meaning = bench, meaning

    def accepts(self, change, good, trial, spot):
        """Whether the program takes the value of `change`; None when that cannot be told. `good` is the change whose `trial` has its
        value at `spot`."""
        if change.field.format in _NOT_JUDGED or change.field.steps[-1] == "secret" or change.field.steps[-1].endswith("From"):
            return None
        if spot.argument:
            return self._with_argument(change, good, trial, spot)
        return self._in_file(change, trial, spot)

    def _with_argument(self, change, good, trial, spot):
        if change.kind == "absent" or isinstance(good.value, bool) or not isinstance(change.value, (str, int)):
            return None
        arguments = next(arguments for program, arguments in trial.rendered.arguments() if program == spot.file)
        if spot.argument == ANY_NAME:
            was, now = f"--{good.value}", f"--{change.value}"
        else:
            was, now = f"--{spot.argument}={good.value}", f"--{spot.argument}={change.value}"
        changed = [each.replace(was, now, 1) if each.startswith(was) else each for each in arguments]
        return self._bench.starter.refuses(spot.file, changed) is None

    def _in_file(self, change, trial, spot):
        if spot.is_key and not isinstance(change.value, str):
            return None
        directory = self._bench.place_for(trial.rendered)
        path = next(path for path in sorted(directory.rglob(spot.file)))
        data = texts.load(path.read_text(encoding="utf-8"))
        parent = at(data, spot.way[:-1])
        value = parent.pop(spot.way[-1]) if spot.is_key else change.value
        if change.kind == "absent":
            del parent[spot.way[-1]]
        else:
            parent[change.value if spot.is_key else spot.way[-1]] = value
        path.write_text(texts.dump(data), encoding="utf-8")
        refusals, taken = self._bench.judge(Rendered(directory), change)
        shutil.rmtree(directory, ignore_errors=True)
        return bool(taken) and not refusals
