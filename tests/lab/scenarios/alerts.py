"""An alert becomes a mail."""

from scenario import Stopwatch, check, same, scenario
from world import MAIL_PASSWORD

RULES = """groups:
  - name: lab
    rules:
      - { alert: Fired, expr: vector(1), for: 8s, labels: { severity: page } }
"""  # Right after a reload Prometheus knows no Alertmanager for five seconds, and tells what fires then a minute later.


@scenario("an alert fires: no mail with a wrong password, and it is reported; a mail with the right one")
def alert(world, report):
    world.mail.clear()
    with world.changed():
        world.files["rules/alerting-rules.yml"] = RULES
        world.seal("smtp", "not the password")
        world.wait_ready(world.push("an alert, and a wrong password"))
        world.wait("the alert fires", lambda: "Fired" in world.prometheus.firing())
        world.wait("the mail server refuses", world.mail.refusals, 100)
        world.wait("vigie reports it", lambda: world.condition(world.vm, "Healthy").get("reason") == "NotificationsFailing", 60)
        same(world.mail.mails(), [], "mails")
        watch = Stopwatch()
        world.seal("smtp", MAIL_PASSWORD)
        world.wait_ready(world.push("the right password"))
        mail = world.wait("the mail arrives", world.mail.mails, 100)[0]
        report["push → mail"] = watch.seconds()
        check("Fired" in mail["subject"] and "ops@example.org" in str(mail["to"]), f"another mail: {mail}")
        world.wait("vigie is content", lambda: world.condition(world.vm, "Healthy")["status"] == "True")
    world.wait_ready(world.push("no alert"))
    world.mail.clear()
