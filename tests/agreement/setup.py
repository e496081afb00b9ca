"""What all parts of a lap need: tables, keys, the program under test."""

from dataclasses import dataclass
from pathlib import Path

import schema
import texts
from keys import Keys
from meaning import Meaning
from processes import SOURCE, programs
from reasons import Reasons
from stack import Stacks
from values import Values
from vigie import Vigie

HERE = Path(__file__).resolve().parent
NEEDED = ("prometheus", "promtool", "prometheus-alertmanager", "amtool", "prometheus-blackbox-exporter")


@dataclass
class Setup:
    directory: Path
    vigie: Vigie
    keys: Keys
    stacks: Stacks
    values: Values
    meaning: Meaning
    fields: list

    @staticmethod
    def reasons():
        return Reasons(table("reasons"))


def table(name):
    return texts.load_file(HERE / f"{name}.yaml")


def missing():
    """The programs that are not there in the versions that documents are written for: [text]."""
    return [name for name in NEEDED if programs.version(programs.find(name)) < programs.MINIMUM[name]]


def make(program, tools, directory):
    """`program` is the vigie to be tried, `tools` what `validate --tools` gets, `directory` is empty and goes afterwards."""
    spec, fields = schema.load(SOURCE / "crd/monitoringstacks.vigie.dev.yaml")
    versions = {"PROMETHEUS": _version("prometheus"), "ALERTMANAGER": _version("prometheus-alertmanager")}
    keys = Keys(table("documents"), program, directory / "keys", versions)
    values = Values(table("values"))
    return Setup(directory, Vigie(program, tools), keys, Stacks(spec, keys.tables, values.typical), values,
                 Meaning(table("native"), keys.tables["secrets"]), fields)


def _version(name):
    return ".".join(map(str, programs.version(programs.find(name))))
