"""promtool and amtool, asked about many configurations at once; the blackbox exporter, about one."""

from processes import programs, run

CHECKS = {"prometheus": ("promtool", "check", "config"), "alertmanager": ("amtool", "check-config")}


class Blackbox:
    """Stands where a running server does: the exporter reads its configuration with an option just as when it starts."""

    def __init__(self):
        self._answers = {}

    def refuses(self, configuration, _about):
        if configuration.digest not in self._answers:
            said = run([programs.find("prometheus-blackbox-exporter"), "--config.check", f"--config.file={configuration.mapped}"])
            self._answers[configuration.digest] = None if said.code == 0 else said.words.rpartition("err=")[2]
        return self._answers[configuration.digest]


def refuses(configuration):
    """What the checker says against one configuration, or None."""
    return _ask(configuration.program, [configuration.mapped]) if configuration.program in CHECKS else None


def refused(configurations):
    """[(configuration, words)] of those that their checker refuses. One question for all of a program; when the answer is no, each
    alone, so that every answer is about one."""
    out = []
    for program in CHECKS:
        here = [each for each in configurations if each.program == program]
        if here and _ask(program, [each.mapped for each in here]):
            out += [(each, words) for each in here if (words := refuses(each))]
    return out


def _ask(program, paths):
    name, *arguments = CHECKS[program]
    said = run([programs.find(name), *arguments, *paths], deadline=300)
    return None if said.code == 0 else said.words
