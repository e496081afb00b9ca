"""YAML as it is read and written here: texts stay texts, as in Go's and vigie's own readers."""

import functools
import json
import re

import yaml

try:
    from yaml import CSafeDumper as SafeDumper, CSafeLoader as SafeLoader
except ImportError:
    from yaml import SafeDumper, SafeLoader


class _Loader(SafeLoader):
    """Knows neither dates nor the value `=`."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, expression) for tag, expression in resolvers if not tag.endswith((":timestamp", ":value"))]
    for first, resolvers in SafeLoader.yaml_implicit_resolvers.items()}


class _Dumper(SafeDumper):
    def ignore_aliases(self, data):
        return True


@functools.cache
def _style(value):
    plain = re.fullmatch(r"[A-Za-z_][\w./-]*", value) and yaml.safe_load(value) == value and value.lower() not in ("y", "n")
    return None if plain else '"'


def _text(dumper, value):
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=_style(value))


_Dumper.add_representer(str, _text)


def load(text):
    return yaml.load(text, _Loader)


def load_file(path):
    return load(path.read_text(encoding="utf-8"))


def document(spec):
    """The text of a MonitoringStack."""
    return dump({"apiVersion": "vigie.dev/v1alpha1", "kind": "MonitoringStack", "metadata": {"name": "agreement"}, "spec": spec})


def dump(data):
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def short(value, limit=80):
    """A value in a line of a report."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"
