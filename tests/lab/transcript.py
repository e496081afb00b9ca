"""What a person sees who uses vigie on two hosts, recorded in the lab."""

import re

from hosts import SOURCE
from scenarios import bootstrap
from world import PATH, VPN, World


class Recorder:
    def __init__(self, world):
        self.world = world
        self.parts = []

    def tell(self, text):
        self.parts.append(text)

    def command(self, host, line):
        """Runs a line of shell on a host, and keeps what it printed."""
        result = host.run(["sh", "-c", f"{{ {line}; }} 2>&1"], env={"PATH": f"{SOURCE}/build/dev/bin:{PATH}"}, check=False)
        self.show(f"{host.name}# {line}", result.stdout)

    def show(self, prompt, text):
        self.parts.append("```\n" + self._clean(f"{prompt}\n{text}".rstrip()) + "\n```")

    def _clean(self, text):
        """Paths of this run and colours are of no interest to a reader."""
        text = text.replace(str(self.world.checkout), "monitoring").replace(f"{SOURCE}/build/dev/bin/", "")
        return re.sub(r"\x1b\[[0-9;]*m", "", text)


def record():
    with World() as world:
        world.bring_up()
        recorder = Recorder(world)
        bootstrap.bootstrap(world, {})
        recorder.tell("<!-- Recorded by `make lab-transcript`. Do not edit. -->\n# Two hosts, as a person sees them\n\n"
                      "The vps runs the application, the vm behind NAT watches it; both pull `monitoring` from git.\n\n"
                      "A mistake is refused before anything is applied:")
        with world.changed():
            prometheus = world.spec["prometheus"]
            prometheus["scrapeIntervall"] = prometheus.pop("scrapeInterval")
            world.write_document()
            recorder.command(world.vm, f"vigie validate {world.checkout}")
        recorder.tell("A change is shown before it is pushed:")
        world.spec["prometheus"]["scrapeInterval"] = "5s"
        world.write_document()
        recorder.command(world.vm, f"vigie plan --host vm {world.checkout}")
        recorder.tell("Pushed, it is applied by the host that it is about:")
        world.wait_ready(world.push("every five seconds"))
        recorder.command(world.vm, "vigie status")
        recorder.tell("Somebody edits a file and removes a peer of the tunnel by hand; the controller's log:")
        before = len(world.log(world.vps))
        world.vps.path("/opt/moments/docker-compose.monitoring.yml").write_text("services: {}\n")
        world.vps.run(["wg", "set", "wg0", "peer", world.host_entry("vm")["vpn"]["publicKey"], "remove"])
        world.wait("the repair", lambda: "drift repaired" in world.log(world.vps)[before:])
        recorder.show("vps# tail /var/log/vigie.log", world.log(world.vps)[before:])
        recorder.tell("The proof is what runs, not what was written:")
        targets = "\n".join(f"{job}: {health}" for job, (health, _) in sorted(world.prometheus.targets().items()))
        recorder.show("the targets, as Prometheus' API tells them", targets)
        recorder.command(world.vps, f"ping -c 1 {VPN['vm']} | head -2")
        recorder.command(world.vm, "vigie history")
        return "\n\n".join(recorder.parts)
