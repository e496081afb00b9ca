"""The two hosts of the runbook as a person has set them up, as directory trees: for whatever reads hosts that vigie did not make."""

import base64
import os
import shutil
import urllib.parse
from pathlib import Path

SOURCE = Path(os.environ.get("VIGIE_SOURCE_DIR", Path(__file__).resolve().parents[2]))
BY_HAND = SOURCE / "tests/golden/moments"
STATS_PASSWORD = "p?W6@x%y"  # as the runbook's connection string has it
SMTP_PASSWORD = "canary-mail-7c1f"
POSTGRES_PASSWORD = "canary-postgres-51aa"
SECRETS = (STATS_PASSWORD, urllib.parse.quote(STATS_PASSWORD, safe=""), SMTP_PASSWORD, POSTGRES_PASSWORD)


ALERTMANAGER = f"""global:
  smtp_smarthost: smtp.example.org:587
  smtp_from: alertmanager@example.org
  smtp_auth_username: alertmanager@example.org
  smtp_auth_password: '{SMTP_PASSWORD}'
route: {{ receiver: mail, group_by: [alertname] }}
receivers:
  - name: mail
    email_configs: [ {{ to: ops@example.org, send_resolved: true }} ]
"""
UFW = """*filter
:ufw-user-input - [0:0]
### RULES ###

### tuple ### allow udp 51820 0.0.0.0/0 any 0.0.0.0/0 in
-A ufw-user-input -p udp --dport 51820 -j ACCEPT

### tuple ### allow tcp 8000 0.0.0.0/0 any 0.0.0.0/0 in
-A ufw-user-input -p tcp --dport 8000 -j ACCEPT

### tuple ### allow tcp 9127 0.0.0.0/0 any 0.0.0.0/0 in
-A ufw-user-input -p tcp --dport 9127 -j ACCEPT

### END RULES ###
COMMIT
"""


def _clamped(seed):
    """A private key as `wg genkey` would print it."""
    key = bytearray(seed.encode().ljust(32, b".")[:32])
    key[0] &= 248
    key[31] = (key[31] & 127) | 64
    return base64.b64encode(bytes(key)).decode()


PRIVATE = {host: _clamped(f"the private key of {host}") for host in ("vps", "vm")}


def _public(private):
    """X25519 of the base point (RFC 7748, section 5), for tests that have no wg."""
    p, a24 = 2**255 - 19, 121665
    k = int.from_bytes(base64.b64decode(private), "little")
    x1, x2, z2, x3, z3, swap = 9, 1, 0, 9, 1, 0
    for t in reversed(range(255)):
        bit = (k >> t) & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb, aa, bb = d * a, c * b, a * a, b * b
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % p, x1 * (da - cb) ** 2 % p
        x2, z2 = aa * bb % p, e * (aa + a24 * e) % p
    if swap:
        x2, z2 = x3, z3
    return base64.b64encode((x2 * pow(z2, p - 2, p) % p).to_bytes(32, "little")).decode()


PUBLIC = {host: _public(private) for host, private in PRIVATE.items()}


def write(path, text, mode=0o644):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def _tunnel(root, host):
    text = (BY_HAND / f"{host}-wg0.conf").read_text()
    for name in PRIVATE:
        text = text.replace(f"<{name} private key>", PRIVATE[name]).replace(f"<{name} public key>", PUBLIC[name])
    write(root / "etc/wireguard/wg0.conf", text, 0o600)
    (root / "etc/wireguard").chmod(0o700)


def make_vps(root):
    _tunnel(root, "vps")
    write(root / "etc/ufw/user.rules", UFW)
    write(root / "etc/ufw/ufw.conf", "ENABLED=yes\n")
    project = root / "opt/moments"
    write(project / ".env", f"POSTGRES_PASSWORD={POSTGRES_PASSWORD}\n", 0o600)
    write(project / ".env.monitoring", "ENABLE_METRICS=true\n")
    shutil.copyfile(SOURCE / "tests/lab/moments/docker-compose.prod.yml", project / "docker-compose.prod.yml")
    shutil.copyfile(BY_HAND / "vps-compose.yaml", project / "docker-compose.monitoring.yml")


def make_vm(root):
    _tunnel(root, "vm")
    project = root / "opt/monitoring"
    write(project / "docker-compose.yml", (BY_HAND / "vm-compose.yaml").read_text())
    write(project / "prometheus/prometheus.yml", (BY_HAND / "prometheus.yml").read_text())
    for rules in (SOURCE / "examples/moments/rules").iterdir():
        write(project / "prometheus" / rules.name, rules.read_text())
    write(project / "alertmanager/alertmanager.yml", ALERTMANAGER)
    (project / "prom-data").mkdir()
