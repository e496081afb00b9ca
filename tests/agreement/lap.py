"""Which changes a lap tries, and in which order: the same for the same schema, tables and seed."""

from collections import defaultdict
from dataclasses import dataclass, replace

import texts

# How many values of a kind a field gets at least; all, where it is not named. Fields that could get the same values share them.
LEAST = {"near": 2, "nasty": 1, "beyond": 1, "type": 1}
# In how many fields of those that share it a value is tried at least, where they are as many.
TWICE = 2


@dataclass(frozen=True)
class Work:
    """A field, its place in a document, and what is tried there: ((kind, value), …); `and_back` says that documents with and without it
    are also applied one after the other."""
    field: object
    place: object
    changes: tuple
    and_back: bool = True


def plan(fields, stacks, values, seed):
    """[Work] for every field, in the schema's order."""
    places = [stacks.place(field) for field in fields]
    offered = [values.of(field, place.typical()) for field, place in zip(fields, places)]
    shares = _shares(fields, offered, seed)
    return [Work(field, place, tuple((kind, value) for kind in of for value in shares[number, kind]))
            for number, (field, place, of) in enumerate(zip(fields, places, offered))]


def sample(work, values, every):
    """A part of a lap: every n-th field, all numbers and durations, and what matters most of all references."""
    out = []
    for number, each in enumerate(work):
        if number % every == 0:
            out.append(each)
        elif each.field.type == "integer" or (each.field.format or "").endswith("duration"):
            out.append(replace(each, and_back=False))
        elif values.is_reference(each.field):
            out.append(replace(each, and_back=False, changes=tuple(change for change in each.changes if change[0] in ("typical", "each"))))
    return out


def groups(work):
    """[[Work]]: fields of the same parent, which have many documents in common."""
    out = defaultdict(list)
    for each in work:
        out[each.field.steps[:-1]].append(each)
    return list(out.values())


def _shares(fields, offered, seed):
    """{(field's number, kind): values}."""
    pools = defaultdict(list)
    for number, of in enumerate(offered):
        for kind, values in of.items():
            pools[fields[number].component, kind, texts.short(values, 10**6)].append(number)
    out = {}
    for (_, kind, _), numbers in pools.items():
        values = offered[numbers[0]][kind]
        take = min(len(values), max(LEAST.get(kind, len(values)), -(-len(values) * TWICE // len(numbers))))
        for turn, number in enumerate(numbers):
            out[number, kind] = [values[(seed + turn * take + i) % len(values)] for i in range(take)]
    return out
