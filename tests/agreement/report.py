"""The score of a lap, and the smallest document of each cause."""

import re
import shutil
import sys
from collections import Counter, defaultdict

import setup
import texts
from found import WRONG

COLUMNS = ("fields", "changes", "valid", "refusals judged", "arrived", "transitions")
# Of one kind of what is wrong, so many causes are printed; all are in the files.
PRINTED = 40


class Report:
    """`works` is what was to be tried, `cases` the directory for what is wrong."""

    def __init__(self, works, keys, cases):
        self._works, self._keys, self._cases = works, keys, cases
        self._tried, self._counts, self._by_component = set(), Counter(), defaultdict(Counter)
        self._used = set()
        self.wrong = []

    @property
    def untried(self):
        """Fields for which there was no time."""
        return len(self._works) - len(self._tried)

    def add(self, found):
        self._used |= found.used_reasons
        self.wrong += found.wrong
        self._counts.update(found.counts)
        if found.field:
            self._tried.add(found.field.name)
            self._by_component[found.field.component].update(found.counts, fields=1)
        for each in found.wrong:
            self._by_component[each.change.field.component][each.what] += 1
        if sys.stderr.isatty():
            print(f"\r{len(self._tried)} of {len(self._works)} fields ", end="", file=sys.stderr, flush=True)

    def print(self, seconds, cpu, whole):
        """`whole` says that every reason should have been needed."""
        self.wrong.sort(key=lambda each: (list(WRONG).index(each.what), _line(each)))
        causes = _causes(self.wrong)
        self._write(causes)
        self._print_table()
        for what, words in WRONG.items():
            _print_causes(what, words, [cause for cause in causes if cause[0].what == what])
        if self.wrong:
            print(f"\nThe smallest documents, and what was said of them: {self._cases}")
        if self.untried:
            print(f"\nTime was up: {self.untried} fields were not tried.")
        if whole and not self.untried:
            for line in setup.Setup.reasons().unused(self._used):
                print(f"a reason that nothing needs any more: {line}")
        print("\n" + self._score(seconds, cpu))

    def _score(self, seconds, cpu):
        counts, wrong = self._counts, Counter(each.what for each in self.wrong)
        return (f"agreement: fields {len(self._tried)} of {len(self._works)} ({counts['with a valid document']} with a valid document, "
                f"{counts['unreachable']} without as written), changes {counts['changes']} ({counts['valid']} valid), "
                + ", ".join(f"{what} {wrong[what]}" for what in WRONG)
                + f"; stricter as written {counts['stricter']}, left to the checkers as written {counts['left to the checkers']}, "
                f"values arrived {counts['arrived']}, transitions {counts['transitions']}, reloads {counts['reloads']}, "
                f"starts {counts['starts']}, {seconds:.0f} s ({cpu:.0f} s of CPU)")

    def _print_table(self):
        columns = [*COLUMNS, *(what for what in WRONG if any(each.what == what for each in self.wrong))]
        widths = [max(7, len(name) + 2) for name in columns]
        print("component".ljust(16) + "".join(name.rjust(width) for name, width in zip(columns, widths)))
        for component, counts in self._by_component.items():
            print(component.ljust(16) + "".join(str(counts[name]).rjust(width) for name, width in zip(columns, widths)))

    def _write(self, causes):
        shutil.rmtree(self._cases, ignore_errors=True)
        if not causes:
            return
        self._cases.mkdir(parents=True)
        lines = [f"{_line(each)}\t{' '.join(each.words.split())}\n" for each in self.wrong]
        (self._cases / "all.txt").write_text("".join(lines), encoding="utf-8")
        for number, cause in enumerate(causes, start=1):
            first = cause[0]
            name = re.sub(r"[^A-Za-z0-9]+", "-", f"{first.what} {first.change.field.name}").strip("-")
            directory = self._cases / f"{number:03}-{name}"
            directory.mkdir()
            for where, text in first.documents.items():
                self._keys.write_files(directory / where)
                (directory / where / "stack.yaml").write_text(text, encoding="utf-8")
            (directory / "said.txt").write_text(_said(cause), encoding="utf-8")


def _causes(wrong):
    causes = defaultdict(list)
    for each in wrong:
        causes[each.what, each.cause].append(each)
    return list(causes.values())


def _print_causes(what, words, causes):
    if causes:
        print(f"\n{what}: {words}")
    for cause in causes[:PRINTED]:
        first, more = cause[0], f" (and {len(cause) - 1} more)" if len(cause) > 1 else ""
        print(f"  {first.change.field.name} = {texts.short(first.change.value)} ({first.change.kind}){more}\n      {first.words[:300]}")
    if len(causes) > PRINTED:
        print(f"  and {len(causes) - PRINTED} causes more")


def _said(cause):
    first = cause[0]
    lines = [f"{first.what}: {WRONG[first.what]}", f"field: {first.change.field.name}",
             f"value ({first.change.kind}): {texts.short(first.change.value, 10000)}", "", first.words]
    if len(cause) > 1:
        lines += ["", "The same cause:", *(f"  {_line(each)}" for each in cause[1:])]
    return "\n".join(lines) + "\n"


def _line(wrong):
    return f"{wrong.what}\t{wrong.change.field.name}\t{wrong.change.kind}\t{texts.short(wrong.change.value)}"
