"""The fields of a document, as the CRD has them."""

from dataclasses import dataclass

import texts

LIST_ITEM, MAP_VALUE = "[]", "{}"


@dataclass(frozen=True)
class Field:
    """One field of `spec`: the steps to it, and what the schema says of it."""
    steps: tuple
    schema: dict
    required: bool = False  # its parent cannot be without it

    @property
    def name(self):
        """`prometheus.scrapeConfigs[].jobName`, as docs/spec.md writes it without `spec.`"""
        return name_of(self.steps)

    @property
    def component(self):
        return self.steps[0]

    @property
    def type(self):
        return self.schema.get("type", "object")  # a text or an object has none

    @property
    def format(self):
        return self.schema.get("format")


def name_of(steps):
    return ".".join(steps).replace("." + LIST_ITEM, LIST_ITEM).replace("." + MAP_VALUE, MAP_VALUE)


def below(schema):
    """The steps one level down: [(step, its schema, required)]."""
    out = [(key, value, key in schema.get("required", [])) for key, value in schema.get("properties", {}).items()]
    if "items" in schema:
        out.append((LIST_ITEM, schema["items"], False))
    if isinstance(schema.get("additionalProperties"), dict):
        out.append((MAP_VALUE, schema["additionalProperties"], False))
    return out


def child(schema, step):
    return next(value for key, value, _ in below(schema) if key == step)


def load(crd):
    """(the schema of `spec`, its fields in the CRD's order)."""
    version = texts.load_file(crd)["spec"]["versions"][0]
    spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
    return spec, list(_walk(spec, ()))


def _walk(schema, steps):
    for step, value, required in below(schema):
        yield Field((*steps, step), value, required)
        yield from _walk(value, (*steps, step))
