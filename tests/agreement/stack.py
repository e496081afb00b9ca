"""The small document that a change of one field is made in (documents.yaml)."""

import copy
import re

import patterns
from schema import LIST_ITEM, MAP_VALUE, child, name_of

MAP_KEY = "key"


class Place:
    """A document that has all parents of a field, and the place of the field in it."""

    def __init__(self, document, keys, beside):
        self._document, self._keys, self._beside = document, keys, beside

    def with_value(self, value):
        """The document with the field, and with what this value needs beside it."""
        document, parent = self._copy()
        parent[self._keys[-1]] = copy.deepcopy(value)
        for entry in self._beside:
            if isinstance(value, str) and re.fullmatch(entry["value"], value):
                _stand_beside(parent, entry)
        return document

    def without(self):
        """The document without it, parents as they are."""
        document, parent = self._copy()
        del parent[self._keys[-1]]
        return document

    def typical(self):
        """The value that stands there when the place is made."""
        _, parent = self._copy()
        return parent[self._keys[-1]]

    def _copy(self):
        document = copy.deepcopy(self._document)
        parent = document
        for key in self._keys[:-1]:
            parent = parent[key]
        return document, parent


class Stacks:
    """Makes them. `tables` is documents.yaml; `typical` gives the typical value of a field that has no others below it."""

    def __init__(self, spec, tables, typical):
        self._spec, self._tables, self._typical = spec, tables, typical

    def place(self, field):
        """The place of a field."""
        document = self._whole(field)
        schema, here, keys = self._spec, document, []
        for depth, step in enumerate(field.steps, start=1):
            steps = field.steps[:depth]
            schema = child(schema, step)
            keys.append(self._key(step, steps))
            for entry in self._beside(steps, with_value=False):
                _stand_beside(here, entry)
            self._make(here, keys[-1], steps, schema)
            here = here[keys[-1]]
        return Place(document, keys, self._beside(field.steps, with_value=True))

    def minimal(self, steps, schema):
        """The smallest good value of a field."""
        if schema.get("format") == "text-or-object":  # Kubernetes has no type for it; an object says all
            schema = {**schema, "type": "object"}
        if schema["type"] == "array":
            return [self.minimal((*steps, LIST_ITEM), schema["items"]) for _ in range(schema.get("minItems", 1))]
        if schema["type"] != "object":
            return self._typical(name_of(steps), schema)
        has = {}
        for entry in patterns.every(self._tables["objects"], name_of(steps)):
            has.update(copy.deepcopy(entry["has"]))
        for key in schema.get("required", []):
            has.setdefault(key, self.minimal((*steps, key), schema["properties"][key]))
        values = schema.get("additionalProperties")
        if isinstance(values, dict) and not has:
            has[MAP_KEY] = self.minimal((*steps, MAP_VALUE), values)
        return has

    def _whole(self, field):
        document = copy.deepcopy(self._tables["always"])
        for part in patterns.first(self._tables["chosen"], field.name, "parts"):
            merge(document, copy.deepcopy(self._tables["parts"][part]))
        for entry in patterns.every(self._tables["with"], field.name):
            merge(document, copy.deepcopy(entry["document"]))
        return document

    def _beside(self, steps, with_value):
        return [entry for entry in patterns.every(self._tables["beside"], name_of(steps)) if ("value" in entry) == with_value]

    def _key(self, step, steps):
        if step == MAP_VALUE:
            return patterns.first(self._tables["keys"], name_of(steps), "key", MAP_KEY)
        return 0 if step == LIST_ITEM else step

    def _make(self, parent, key, steps, schema):
        """Makes sure that there is a value."""
        if isinstance(parent, list) and not parent:
            parent.append(self.minimal(steps, schema))
        elif isinstance(parent, dict) and key not in parent:
            parent[key] = self.minimal(steps, schema)


def _stand_beside(parent, entry):
    for key in entry.get("without", []):
        parent.pop(key, None)
    for key, value in entry.get("and", {}).items():
        parent[key] = copy.deepcopy(value)


def merge(into, other):
    """Puts one document into another; null takes away."""
    for key, value in other.items():
        there = into.get(key)
        if value is None:
            into.pop(key, None)
        elif isinstance(there, dict) and isinstance(value, dict):
            merge(there, value)
        elif _named(there) and _named(value):
            _merge_named(there, value)
        else:
            into[key] = value


def _named(value):
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) and "name" in item for item in value)


def _merge_named(into, other):
    for item in other:
        same = next((each for each in into if each["name"] == item["name"]), None)
        if same is None:
            into.append(item)
        else:
            merge(same, item)
