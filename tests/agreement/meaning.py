"""Whether a value arrives where Prometheus or Alertmanager look for it, as what it was (native.yaml)."""

import re
from dataclasses import dataclass

import patterns
from schema import MAP_VALUE, name_of
from servers import PROGRAMS
from stack import MAP_KEY


@dataclass(frozen=True)
class Spot:
    """A place in what is rendered: keys and indexes into a file's data, or an argument of a program. `is_key`: the value is the last of
    the keys."""
    file: str
    way: tuple = ()
    argument: str = ""
    is_key: bool = False


# The argument that a field names.
ANY_NAME = "*"


class Meaning:
    """`tables` is native.yaml; `secrets` are the values of the secrets that documents name."""

    def __init__(self, tables, secrets):
        self._tables, self._secrets = tables, secrets

    def is_native(self, field):
        """Whether the field is a setting of one of the two programs, and not of vigie."""
        return field.component in PROGRAMS and "nowhere" not in self._place(field)

    def find(self, field, value, rendered):
        """The Spot where a value arrived, or None."""
        place = self._place(field)
        if "nowhere" in place:
            return None
        if "argument" in place:
            spot = Spot(field.component, argument=place["argument"])
            return spot if self.arrived(field, value, rendered, spot) else None
        file = place.get("file", f"{field.component}.yml")
        data = rendered.data(file)
        if "key" in place:
            way = next((way for way, _ in _walk(data, ()) if way[-2:] == (place["key"], value)), None)
            return way and Spot(file, way, is_key=True)
        for names in self._names(field, value):
            for way, there in _walk(data, ()):
                if _named(way)[-len(names):] == names and self._means(field, value, there):
                    return Spot(file, way)
        return None

    def arrived(self, field, value, rendered, spot):
        """Whether another value of the field arrived at the same place."""
        if spot.argument:
            return any(self._argument_means(spot.argument, value, arguments) for program, arguments in rendered.arguments()
                       if program == spot.file)
        data = rendered.data(spot.file)
        if spot.is_key:
            return at(data, (*spot.way[:-1], value)) is not NOTHING
        if field.steps[-1] == "raw":
            return all(at(data, (*spot.way[:-1], key)) == there for key, there in value.items())
        there = at(data, spot.way)
        return there is not NOTHING and self._means(field, value, there)

    def _place(self, field):
        entries = patterns.every(self._tables["places"], field.name)
        return entries[0] if entries else {}

    def _names(self, field, value):
        """Lists of names, one of which the way to the value ends with."""
        steps = [(number, step) for number, step in enumerate(field.steps[1:], start=2) if step != "[]"]
        if field.steps[-1] == "secret":
            steps.pop()
        names = []
        for number, step in steps:
            name = self._name(field, number)
            names += [MAP_KEY] if step == MAP_VALUE else name.split("/")
        if field.steps[-1] == "raw" and value:
            names[-1] = next(iter(value))
        if steps and steps[-1][1].endswith("From"):
            bare = names[-1].removesuffix("_from")
            return [[*names[:-1], f"{bare}_file"], [*names[:-1], bare]] if bare != names[-1] else [names]
        return [names]

    def _name(self, field, number):
        return patterns.first(self._tables["names"], name_of(field.steps[:number]), "name", snake_case(field.steps[number - 1]))

    def _means(self, field, value, there):
        if isinstance(value, (dict, list)):
            return True  # what is in it has fields of its own
        if field.steps[-1] == "secret":
            return there == self._secrets.get(value) or str(there).endswith(f"/secrets/{value}")
        if field.format == "relative-path":
            return isinstance(there, str) and f"/{there}".endswith(f"/{value}")
        if patterns.every(self._tables["expanded"], field.name):
            there = _expanded(there)
        return type(there) is type(value) and there == value

    def _argument_means(self, name, value, arguments):
        if name == ANY_NAME:
            return any(argument.partition("=")[0] == f"--{value}" for argument in arguments)
        if isinstance(value, bool):
            return (f"--{name}" in arguments) == value
        return isinstance(value, (dict, list)) or f"--{name}={value}" in arguments


NOTHING = object()


def at(data, way):
    for key in way:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return NOTHING
    return data


def snake_case(step):
    """`fileSDConfigs` → `file_sd_configs`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=API)(?=URL)", "_", step).lower()


def _expanded(text):
    """As Prometheus reads it: names of variables are replaced, and there are none; `$$` is a dollar."""
    return re.sub(r"\$(\$|\w+|\{\w*\})", lambda match: "$" if match[1] == "$" else "", text) if isinstance(text, str) else text


def _walk(data, way):
    if way:
        yield way, data
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, below in pairs:
        yield from _walk(below, (*way, key))


def _named(way):
    return [key for key in way if isinstance(key, str)]
