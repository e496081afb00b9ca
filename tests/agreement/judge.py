"""What is wrong with the changes of one field: agreement, meaning and robustness."""

import re

import checkers
from found import Change, Found, Wrong
from native import Native
from servers import PROGRAMS
from shown import shows

# Kinds of values that are right by the schema.
GOOD = ("typical", "enum", "default", "bound")


class Judge:
    """`meaning`, `reasons` and `bench` are those of the worker."""

    def __init__(self, bench, meaning, reasons):
        self._bench, self._meaning, self._reasons = bench, meaning, reasons
        self._native = Native(bench, meaning)
        self._unchecked = []  # [(Change, Trial, Configuration)] that the running programs took

    def field(self, work):
        """(Found, [(Change, Trial)]) of one field."""
        found, tried = Found(work.field), []
        absent = Change(work.field, "absent", None)
        for change, spec in [(absent, work.place.without()),
                             *((Change(work.field, kind, value), work.place.with_value(value)) for kind, value in work.changes)]:
            trial = self._bench.try_document(change, spec)
            self._robust(found, change, trial)
            if trial.valid:
                self._accepted(found, change, trial)
            tried.append((change, trial))
        self._has_document(found, tried)
        self._agree_on_refusals(found, tried)
        self._arrive(found, tried)
        return found, tried

    def check(self, force=False):
        """Asks promtool and amtool about all that the running programs took since: [Wrong]."""
        if not force and len(self._unchecked) < 60:
            return []
        refused = {id(configuration): words for configuration, words in checkers.refused([each for _, _, each in self._unchecked])}
        wrong = [_wrong("valid but refused", change, f"{checkers.CHECKS[each.program][0]}: {refused[id(each)]}", trial)
                 for change, trial, each in self._unchecked if id(each) in refused]
        self._unchecked.clear()
        self._bench.forget()
        return wrong

    def _robust(self, found, change, trial):
        found.counts["changes"] += change.kind != "absent"
        found.counts["valid"] += trial.valid and change.kind != "absent"
        for what, words in trial.troubles:
            found.wrong.append(_wrong(what, change, words, trial))
        for each in trial.answer.findings:
            if not each.get("hint") or each.get("line", 0) < 1 or each.get("column", 0) < 1:
                lacks = "hint" if not each.get("hint") else "position"
                found.wrong.append(_wrong("no hint", change, f"{each['code']} has no {lacks}: {each['message']}", trial))
        errors = trial.answer.errors
        if len(errors) > 1 and not self._reasons.why("several", change, trial.answer.codes):
            words = " | ".join(f"{each['code']} {each['message']}" for each in errors)
            found.wrong.append(_wrong("several errors", change, words, trial, "+".join(each["code"] for each in errors)))

    def _accepted(self, found, change, trial):
        for configuration, words in trial.refusals:
            late = configuration is not None and self._checker_refuses(trial, configuration)
            if late and self._reasons.why("checkers", change):
                found.counts["left to the checkers"] += 1
            else:
                found.wrong.append(_wrong("valid but refused", change, words + (" (the checker as well)" if late else ""), trial))
        self._unchecked += [(change, trial, each) for each in trial.taken]

    def _checker_refuses(self, trial, configuration):
        """Whether the answer would be another with the checkers: vigie's own, or theirs where it cannot ask them yet."""
        stands = self._bench.stands(trial)
        return not stands if stands is not None else checkers.refuses(configuration) is not None

    def _has_document(self, found, tried):
        if any(trial.valid for change, trial in tried if change.kind != "absent"):
            found.counts["with a valid document"] = 1
            return
        change, trial = tried[1]
        if self._reasons.why("unreachable", change):
            found.counts["unreachable"] = 1
        else:
            words = " | ".join(f"{each['code']} {each['message']}" for each in trial.answer.errors)
            found.wrong.append(_wrong("no document", change, words, trial))

    def _agree_on_refusals(self, found, tried):
        if found.field.component not in PROGRAMS:
            return
        learnt = next((each for each in ((change, trial, self._spot(change, trial)) for change, trial in tried) if each[2]), None)
        for change, trial in tried:
            if trial.valid or trial.troubles or not learnt:
                continue
            accepted = self._native.accepts(change, *learnt)
            if accepted is None:
                continue
            found.counts["refusals judged"] += 1
            if accepted and self._reasons.why("strict", change, trial.answer.codes):
                found.counts["stricter"] += 1
            elif accepted:
                words = " | ".join(f"{each['code']} {each['message']}" for each in trial.answer.errors)
                found.wrong.append(_wrong("refused but accepted", change, words, trial))

    def _spot(self, change, trial):
        if change.kind in GOOD and trial.good:
            return self._meaning.find(change.field, change.value, trial.rendered)
        return None

    def _arrive(self, found, tried):
        good = [(change, trial) for change, trial in tried if trial.good]
        spot = next((spot for spot in (self._spot(*each) for each in good) if spot), None)
        for change, trial in good:
            if change.kind in ("absent", "empty") or change.value in ({}, []) or _is_default(change, trial, good):
                continue
            trouble = self._lost(change, trial, good, spot)
            if trouble is None:
                found.counts["arrived"] += 1
            elif not self._reasons.why("silent", change):
                found.wrong.append(_wrong("lost", change, trouble, trial))

    def _lost(self, change, trial, good, spot):
        """How a value does not arrive, or None."""
        if not self._meaning.is_native(change.field):
            others = [other.rendered for its, other in good if its is not change]
            return shows(change, trial.rendered, others, self._reasons.why("converted", change) is not None)
        if spot is None:
            return "arrives at no place that is known for it"
        return None if self._meaning.arrived(change.field, change.value, trial.rendered, spot) else f"does not arrive at {spot}"


def _is_default(change, trial, good):
    """Whether it is the default, and nothing differs from where nothing is said."""
    return change.kind == "default" and good[0][0].kind == "absent" and good[0][1].rendered.files == trial.rendered.files


def _wrong(what, change, words, trial, cause=None):
    return Wrong(what, change, words, cause or _cause(words), {".": trial.text})


def _cause(words):
    """Words without what differs from change to change."""
    words = re.sub(r"/\S+|`[^`]*`|\"[^\"]*\"|'[^']*'", "…", words)
    return re.sub(r"\d+", "0", words)[:160]
