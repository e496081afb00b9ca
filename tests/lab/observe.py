"""What the lab's hosts really do: asked from the places where it matters, with the protocols of the programs themselves."""

import json
import socket
import struct
import threading
import time
import urllib.parse


class Prometheus:
    """A Prometheus as a program on `host` sees it."""

    def __init__(self, host, url):
        self.host, self.url = host, url

    def api(self, path):
        answer = self.host.http_get(f"{self.url}/api/v1/{path}")
        return json.loads(answer[1])["data"] if answer and answer[0] == 200 else None

    def targets(self):
        """{job: (health, last error)}; {} while nobody answers."""
        found = self.api("targets?state=active") or {"activeTargets": []}
        return {target["labels"]["job"]: (target["health"], target["lastError"]) for target in found["activeTargets"]}

    def up(self):
        """Whether there are targets and all of them are up."""
        health = [health for health, _ in self.targets().values()]
        return bool(health) and all(each == "up" for each in health)

    def rules(self):
        groups = (self.api("rules") or {"groups": []})["groups"]
        return {rule["name"] for group in groups for rule in group["rules"]}

    def config(self):
        return (self.api("status/config") or {"yaml": ""})["yaml"]

    def firing(self):
        alerts = (self.api("alerts") or {"alerts": []})["alerts"]
        return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}

    def query(self, expression):
        """The values of an instant query."""
        found = self.api("query?" + urllib.parse.urlencode({"query": expression})) or {"result": []}
        return [float(sample["value"][1]) for sample in found["result"]]


class Pinger:
    """Pings from one host to another ten times a second and remembers for how long there was no answer."""

    INTERVAL = 0.1

    def __init__(self, host, address):
        self.address = address
        with host.network():  # a socket stays where it was made
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self._socket.settimeout(self.INTERVAL)
        self.longest = 0.0
        self._answered = False
        self._heard = time.monotonic()
        self._done = threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._send, self._listen)]

    def __enter__(self):
        self._heard = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        for thread in self._threads:
            thread.join()
        self._account(time.monotonic())
        self._socket.close()

    @property
    def silent(self):
        """Seconds since the last answer; for ever when there was none yet."""
        return time.monotonic() - self._heard if self._answered else float("inf")

    @property
    def outage(self):
        """The longest time without an answer in seconds; 0 when it was no longer than some pings take."""
        return round(self.longest, 1) if self.longest > 5 * self.INTERVAL else 0.0

    def _account(self, now):
        self.longest = max(self.longest, now - self._heard)
        self._heard = now

    def _send(self):
        number = 0
        while not self._done.wait(self.INTERVAL):
            number = (number + 1) % 65536
            try:
                self._socket.sendto(_echo_request(number), (self.address, 0))
            except OSError:  # no route, or no key: that is what is measured
                pass

    def _listen(self):
        while not self._done.is_set():
            try:
                packet, (sender, _) = self._socket.recvfrom(2048)
            except OSError:
                continue
            echo_reply = packet[(packet[0] & 15) * 4] == 0
            if sender == self.address and echo_reply:
                self._answered = True
                self._account(time.monotonic())


def _echo_request(number):
    """RFC 792: type 8, code 0, checksum, identifier, sequence number."""
    def packet(checksum):
        return struct.pack("!BBHHH", 8, 0, checksum, 0x7667, number)
    total = sum(struct.unpack("!4H", packet(0)))
    return packet(~((total >> 16) + (total & 0xFFFF)) & 0xFFFF)


class Requests:
    """Asks for a URL on a host without a pause, and counts who did not get 200."""

    def __init__(self, host, url):
        self.host, self.url = host, url
        self.answered = self.failed = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()

    def _ask(self):
        while not self._done.wait(0.1):
            answer = self.host.http_get(self.url, timeout=3)
            if answer and answer[0] == 200:
                self.answered += 1
            else:
                self.failed += 1
