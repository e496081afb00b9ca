"""One document, asked of vigie and, where vigie says that it is valid, of the programs that will read what is rendered."""

import shutil
from collections import OrderedDict
from dataclasses import dataclass, field

import texts
from keys import HOSTS
from rendered import Rendered
from servers import PROGRAMS as SERVERS

# Fields of one parent share documents.
REMEMBERED = 8
# With values of these, a host's keys are not those of the document, and it cannot open its secrets.
OTHER_KEYS = ("hosts", "wireguard", "secrets", "secretsRecovery")


@dataclass
class Trial:
    """`taken` are the configurations that the programs take, `refusals` what they say against others: [(configuration or None, words)];
    `troubles` what vigie must never do: [(what, words)]."""
    text: str
    answer: object
    hosts: list = field(default_factory=list)  # [(name, whose keys it has)] for which it was rendered
    rendered: object = None
    taken: list = field(default_factory=list)
    refusals: list = field(default_factory=list)
    troubles: list = field(default_factory=list)

    @property
    def valid(self):
        return self.answer.valid

    @property
    def good(self):
        """Whether it is valid for everybody."""
        return self.rendered is not None and not self.refusals and not self.troubles


class Bench:
    """Where documents are tried: one directory, one running server of each program."""

    def __init__(self, vigie, keys, servers, starter, directory):
        self.vigie, self.keys, self.servers, self.starter = vigie, keys, servers, starter
        self._directory = directory
        self._document = directory / "document"
        self._document.mkdir(parents=True)
        (directory / "scratch").mkdir()
        keys.write_files(self._document)
        self._remembered = OrderedDict()
        self._number = 0

    def text(self, spec):
        return texts.document(self.keys.with_secrets(spec))

    def try_document(self, change, spec):
        text = self.text(spec)
        if text not in self._remembered:
            self._remembered[text] = self._try(change, spec, text)
            while len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        self._remembered.move_to_end(text)
        return self._remembered[text]

    def judge(self, rendered, change):
        """What the programs say against what is rendered: [(configuration or None, words)]; and the configurations they take."""
        refusals, taken = [(None, words) for words in rendered.unreadable()], []
        if refusals:
            return refusals, taken
        for configuration in rendered.configurations(self._directory / "scratch"):
            words = self.servers[configuration.program].refuses(configuration, change)
            if words:
                refusals.append((configuration, words))
            else:
                taken.append(configuration)
        for program, arguments in rendered.arguments():
            words = self.starter.refuses(program, arguments)
            if words:
                refusals.append((None, f"{program} with its arguments: {words}"))
        return refusals, taken

    def stands(self, trial):
        """Whether vigie calls the document valid when it asks the checkers as well; None when it cannot."""
        self._write(trial.text)
        return self.vigie.stands(self._document)

    def place_for(self, rendered):
        """A copy of what is rendered, to be changed."""
        copy = self._new_directory()
        shutil.copytree(rendered.directory, copy)
        return copy

    def forget(self):
        """Removes everything that was rendered so far."""
        self._remembered.clear()
        shutil.rmtree(self._directory / "renders", ignore_errors=True)

    def _write(self, text):
        (self._document / "stack.yaml").write_text(text, encoding="utf-8")

    def _new_directory(self):
        self._number += 1
        return self._directory / "renders" / str(self._number)

    def _try(self, change, spec, text):
        self._write(text)
        answer = self.vigie.validate(self._document)
        trial = Trial(text, answer, troubles=list(answer.troubles))
        if not answer.valid:
            return trial
        out = self._new_directory()
        trial.hosts = _hosts(change, spec)
        for name, keys_of in trial.hosts:
            reveal = change.field.component not in OTHER_KEYS
            trouble = self.vigie.render(self._document, name, self.keys.root(keys_of), out / name, reveal)
            if trouble:
                trial.troubles.append(trouble)
                return trial
        trial.rendered = Rendered(out)
        trial.refusals, trial.taken = self.judge(trial.rendered, change)
        return trial


def _hosts(change, spec):
    """The hosts on which a field can show."""
    names = [host["name"] for host in spec["hosts"]]
    alone = change.field.component in SERVERS and "second" not in str(spec["projects"])
    return list(zip(names, HOSTS))[:1 if alone else None]
