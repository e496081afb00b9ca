"""Whether a value of a field that is vigie's own shows in what is rendered."""

import urllib.parse

import texts


def shows(change, rendered, others, converted):
    """What is missing, or None. `others` is what is rendered of other values, or without the field; `converted` says that the value
    itself is not what is written."""
    if not others:
        return None
    differing = [_differing(rendered, other) for other in others]
    named = isinstance(change.value, bool) or "enum" in change.field.schema
    if not (any(differing) if named else differing[0]):
        return "changes no rendered file"
    if named or converted or isinstance(change.value, (dict, list)) or change.value == "":
        return None
    names = set().union(*differing)
    if any(str(change.value) in text for name in names for text in _texts(name, rendered.files.get(name, b""))):
        return None
    return f"is in none of the files that it changes ({', '.join(sorted(names))})"


def _differing(one, other):
    return [name for name in {**one.files, **other.files} if one.files.get(name) != other.files.get(name)]


def _texts(name, content):
    """The texts of a file, and its name."""
    yield name
    if name.endswith((".yml", ".yaml")):
        for text in _leaves(texts.load(content)):
            yield text.replace("$$", "$")
            yield urllib.parse.unquote(text)
    else:
        yield content.decode("utf-8", "replace")


def _leaves(data):
    if isinstance(data, dict):
        for key, value in data.items():
            yield str(key)
            yield from _leaves(value)
    elif isinstance(data, list):
        for each in data:
            yield from _leaves(each)
    else:
        yield str(data)
