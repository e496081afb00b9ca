"""What is tried in a field (values.yaml): (kind, value), the typical value first."""

import patterns

INT32, INT64, BEYOND = 2**31, 2**63, 10**20


class Values:
    """`tables` is values.yaml, `minimal` makes the smallest value of a mapping or a list."""

    def __init__(self, tables):
        self._tables = tables

    def typical(self, name, schema):
        """A good value of a field with nothing below it, that is not its default."""
        found = patterns.first(self._tables["typical"], name, "typical")
        if found is not None:
            return found
        if "enum" in schema:
            return next((each for each in reversed(schema["enum"]) if each != schema.get("default")), schema["enum"][0])
        if schema["type"] == "boolean":
            return not schema.get("default", False)
        if schema["type"] == "integer":
            return _number(schema)
        return self._format(schema.get("format")).get("typical", "text")

    def is_reference(self, field):
        return bool(patterns.every(self._tables["references"], field.name))

    def knows_format(self, name):
        return name in self._tables["formats"]

    def of(self, field, typical):
        """All of a field: {kind: [value]}, in the order of trying. No value is there twice."""
        schema = field.schema
        out = {"typical": [typical], "default": [], "each": self._near(field, "each"), "near": self._near(field, "near")}
        if "default" in schema and not isinstance(schema["default"], dict):
            out["default"] = [schema["default"]]
        out |= _OF_TYPE[field.type](schema)
        if field.type == "string" and "enum" not in schema:
            out["nasty"] = self._tables["nasty"]
        return _once(out)

    def _near(self, field, key):
        entries = patterns.every(self._tables["references"], field.name) + patterns.every(self._tables["near"], field.name)
        near = [value for entry in entries for value in entry.get(key, [])]
        return near or self._format(field.format).get(key, [])

    def _format(self, name):
        entry = self._tables["formats"].get(name, {})
        return self._format(entry["like"]) if "like" in entry else entry


def _once(kinds):
    seen, out = [], {}
    for kind, values in kinds.items():
        for value in values:
            if not any(same(value, other) for other in seen):
                seen.append(value)
                out.setdefault(kind, []).append(value)
    return out


def same(one, other):
    return type(one) is type(other) and one == other


def _number(schema):
    low, high = schema.get("minimum", 0), schema.get("maximum", INT32)
    return next(value for value in (301, 7, 15000, low) if low <= value <= high and value != schema.get("default"))


def _of_text(schema):
    if "enum" in schema:
        first = schema["enum"][0]
        other = first.lower() if first != first.lower() else first.upper()
        return {"enum": schema["enum"], "beyond": ["bogus", other, "", f"{first} "], "type": [1, [first], None]}
    out = {"beyond": [""] if schema.get("minLength") else []}
    longest = schema.get("maxLength", 0)
    if 0 < longest <= 5000 and "format" not in schema:
        out |= {"bound": ["x" * longest], "beyond": [*out["beyond"], "x" * (longest + 1)]}
    return {**out, "type": [12, None, True, ["x"], {"a": "b"}, 1.5]}


def _of_number(schema):
    low, high = schema.get("minimum"), schema.get("maximum")
    bound = [value for value in (low, high, 0, 1) if value is not None]
    beyond = [-BEYOND if low is None else low - 1, BEYOND if high is None else high + 1]
    if high is None:
        bound += [INT64 - 1, -INT64]
        beyond.append(INT64)
    return {"bound": bound, "beyond": beyond, "type": ["5", 1.5, None, True, [1]]}


_OF_TYPE = {
    "string": _of_text,
    "integer": _of_number,
    "boolean": lambda schema: {"enum": [True, False], "type": ["true", "yes", None, 1, []]},
    "array": lambda schema: {"empty": [[]], "type": ["text", None, 7, {}]},
    "object": lambda schema: {"empty": [{}], "type": ["text", None, 7, []]},
}
