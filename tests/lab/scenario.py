"""A scenario is a function that takes the world and a report. It begins and ends with both hosts Ready and the tunnel working,
ends with assertions on what is observed, and may write what it measured into the report, by name and in seconds."""

import time
from collections import namedtuple

Scenario = namedtuple("Scenario", "name group title run own_world")

ALL = []


def scenario(title, own_world=False):
    """Registers a function as a scenario; they run in the order in which they are written. One with `own_world` makes a world of
    its own and gets none."""
    def register(function):
        ALL.append(Scenario(function.__name__, function.__module__.rpartition(".")[2], title, function, own_world))
        return function
    return register


def check(condition, message):
    """An assertion that does not depend on how Python was started."""
    if not condition:
        raise AssertionError(message)


def same(found, expected, what):
    check(found == expected, f"{what}: {found!r}, expected {expected!r}")


def uninterrupted(pinger):
    """The tunnel was never down: no more than a busy machine loses."""
    check(pinger.outage < 3, f"the tunnel was down for {pinger.outage} s")


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self):
        self._began = time.monotonic()

    def seconds(self):
        return round(time.monotonic() - self._began, 1)
