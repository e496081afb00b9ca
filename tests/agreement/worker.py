"""One of the processes that a lap is shared between."""

import time
import traceback

from checkers import Blackbox
from found import Change, Found, Wrong
from judge import GOOD, Judge
from servers import Server, Starter
from transitions import Transitions
from trial import Bench


class Worker:
    """`setup` is what all workers have in common (setup.py)."""

    def __init__(self, number, setup):
        directory = setup.directory / f"worker-{number}"
        ports = range(19000 + 10 * number, 19010 + 10 * number)
        self._servers = {name: Server(name, directory / name, port) for name, port in zip(("prometheus", "alertmanager"), ports)}
        self._starter = Starter(directory / "start", ports[2])
        self._reasons = setup.reasons()
        bench = Bench(setup.vigie, setup.keys, {**self._servers, "blackbox": Blackbox()}, self._starter, directory)
        self._judge = Judge(bench, setup.meaning, self._reasons)
        self._transitions = Transitions(setup.vigie, setup.keys, directory)
        self._latest = []  # what was tried of the latest field

    def group(self, works, deadline):
        """[Found] of fields with the same parent, as far as there is time."""
        out = []
        for work in works:
            if time.monotonic() < deadline:
                out.append(self._field(work))
        return out

    def close(self):
        """Ends the servers. Returns what was only seen at the end, as a Found of no field."""
        last = Found(None, self._judge.check(force=True), used_reasons=self._reasons.used)
        self._late_deaths(last, [])
        for server in self._servers.values():
            server.close()
        last.counts.update(reloads=sum(server.reloads for server in self._servers.values()), starts=self._starter.starts)
        return last

    def _field(self, work):
        try:
            found, tried = self._judge.field(work)
            self._late_deaths(found, tried)
            if work.and_back:
                self._transition(found, tried)
            found.wrong += self._judge.check()
            return found
        except Exception:
            trace = traceback.format_exc()
            change = Change(work.field, "any", None)
            return Found(work.field, [Wrong("harness", change, f"{trace.splitlines()[-1]}\n{trace}", trace[-200:], {})])

    def _late_deaths(self, found, tried):
        """Of what vigie said to be valid, the program died after all; of what it refused, it would have."""
        for change, words in [late for server in self._servers.values() for late in server.died_later()]:
            text = next((trial.text for its, trial in self._latest + tried if its is change and trial.valid), None)
            if text is not None:
                found.wrong.append(Wrong("valid but refused", change, f"{words} (after a reload that it answered)", words, {".": text}))
            else:
                found.wrong = [each for each in found.wrong if each.what != "refused but accepted" or each.change is not change]
        self._latest = tried

    def _transition(self, found, tried):
        good = [(change, trial) for change, trial in tried if trial.good]
        absent = next(((change, trial) for change, trial in good if change.kind == "absent"), None)
        values = [each for each in good if each[0].kind in GOOD] + [each for each in good if each[0].kind not in (*GOOD, "absent")]
        pair = [absent, *values[:1]] if absent else values[1::-1]
        if len(pair) < 2 or pair[0][1].text == pair[1][1].text:
            return
        wrong = self._transitions.wrong(pair[1][0], pair[0][1], pair[1][1])
        if wrong is not None:
            found.counts["transitions"] += 1
            found.wrong += [each for each in wrong if not self._reasons.why("return", each.change)]


def run(number, setup, queue, results, deadline):
    """A worker's process: groups from `queue` until there is none left, lists of Found into `results`, None at the end."""
    worker = Worker(number, setup)
    while (works := queue.get()) is not None:
        results.put(worker.group(works, deadline))
    results.put([worker.close()])
    results.put(None)
