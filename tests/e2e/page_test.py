#!/usr/bin/python3
"""The controller's page in a real browser (Chromium, without a window): first with answers that a test chooses, then as the
controller serves it. Where there is no browser it is skipped (exit code 2); in CI that is a failure.

VIGIE_SCREENSHOTS=DIRECTORY keeps pictures of every situation there, to be looked at."""

import json
import os
import re
import shutil
import sys
import tempfile
import time
import unittest
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import page_standin as standin  # noqa: E402
from page_standin import DIGEST, SITUATIONS, TIP, TOKEN, Standin  # noqa: E402
from patience import patient  # noqa: E402

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]
WIDTHS = (320, 500, 768, 1280)
SCHEMES = ("light", "dark")
MEASURE = (Path(__file__).resolve().parent / "page_measure.js").read_text()
SCREENSHOTS = os.environ.get("VIGIE_SCREENSHOTS")
browser = None
profile = None


def require():
    """Starts the browser, or says why there is none."""
    global browser, profile
    try:
        from selenium import webdriver
        from selenium.webdriver.chrome.options import Options
        from selenium.webdriver.chrome.service import Service
        options = Options()
        options.binary_location = shutil.which("chromium") or "/usr/bin/chromium"
        profile = tempfile.mkdtemp(prefix="vigie-page-")
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        browser = webdriver.Chrome(service=Service(shutil.which("chromedriver") or "/usr/bin/chromedriver"), options=options)
        browser.set_script_timeout(20)
    except Exception as error:  # whatever it is, there is no browser here
        print(f"no browser on this machine (tools/install-packages.sh test): {error}", file=sys.stderr)
        shutil.rmtree(profile or "", ignore_errors=True)
        sys.exit(1 if os.environ.get("CI") else 2)


def press(*keys):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys
    chain = ActionChains(browser, duration=0)
    for key in keys:
        if key.startswith("Shift+"):
            chain.key_down(Keys.SHIFT).send_keys(getattr(Keys, key[6:])).key_up(Keys.SHIFT)
        else:
            chain.send_keys(getattr(Keys, key, key) if key.isupper() and len(key) > 1 else key)
    chain.perform()


def js(script, *arguments):
    return browser.execute_script(script, *arguments)


def text(selector):
    return js("return document.querySelector(arguments[0])?.textContent ?? null", selector)


def measure(what):
    return js(f"{MEASURE}; return window.measure.{what}()")


def wait_for(what, condition, seconds=60.0):
    seconds = patient(seconds)
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not seen within {seconds:.0f} s: {what}")
        time.sleep(0.02)


def scheme(name):
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": name}]})


def window(width, height=900):
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})


def requested():
    """The addresses that the browser asked for since the last call."""
    out = []
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            out.append(message["params"]["request"]["url"])
    return out


class Case(unittest.TestCase):
    expected = ()  # what the console may say

    def setUp(self):
        browser.get("about:blank")
        browser.get_log("browser")
        requested()
        scheme("light")
        window(1280)

    def open(self, answers):
        self.server = Standin(answers)
        self.addCleanup(self.close)
        browser.get(self.server.url)
        self.look()

    @contextmanager
    def opened(self, answers):
        """One of several pages of a test."""
        self.open(answers)
        try:
            yield
        finally:
            self.doCleanups()

    def close(self):
        origins = {re.match(r"[a-z]+://[^/]*/?|data:|about:", url).group(0) for url in requested()}
        said = [entry["message"] for entry in browser.get_log("browser")]
        browser.get("about:blank")
        self.server.close()
        self.assertLessEqual(origins, {self.server.url, "data:", "about:"}, "a request leaves the page's origin")
        wrong = [line for line in said if not line.startswith("chrome://") and not any(each in line for each in self.expected)]
        self.assertEqual(wrong, [], "the console")

    def look(self):
        """Waits until a look that began after this call has been drawn."""
        browser.execute_async_script("""
            const done = arguments[0];
            (async () => { while (looking) await new Promise(r => setTimeout(r, 10)); await lookAround(); done(); })();""")

    def picture(self, name):
        if SCREENSHOTS:
            size = js("return [innerWidth, Math.min(6000, document.documentElement.scrollHeight)]")
            window(*size)
            browser.save_screenshot(f"{SCREENSHOTS}/{name}.png")

    def give_token(self, token=TOKEN):
        js("const f = document.getElementById('token-field'); f.value = arguments[0]; f.dispatchEvent(new Event('input'))", token)

    def said(self, part):
        wait_for(f"said: {part}\nis: {text('#said')}", lambda: part in text("#said"))

    def focused(self):
        return js("return document.activeElement.id")

    def click(self, selector):
        js("const e = document.querySelector(arguments[0]); e.focus(); e.click()", selector)


class EverySituation(Case):
    expected = ("status of 503",)

    def test_the_page_is_drawn_readable_and_without_overflow(self):
        measured = 0
        for name, make in SITUATIONS.items():
            for colours in SCHEMES:
                with self.subTest(situation=name, scheme=colours):
                    scheme(colours)
                    window(1280)
                    with self.opened(make()):
                        js("document.querySelectorAll('details').forEach((each, i) => { if (i < 6) each.open = true; })")
                        time.sleep(0.05)
                        contrast = measure("contrast")
                        measured += contrast["measured"]
                        self.assertEqual(contrast["wrong"], [])
                        self.assertEqual(measure("structure"), [])
                        self.assertEqual(measure("colourOnly"), [])
                        for width in WIDTHS:
                            window(width)
                            self.assertEqual(measure("overflow"), [], width)
                            self.picture(f"{name}-{colours}-{width}")
        self.assertGreater(measured, 2000)

    def test_the_headline_shows_the_state_of_the_host(self):
        words = {"healthy": "Ready", "pending": "Waits for approval", "failing": "Not ready, retrying", "stalled": "Stalled",
                 "waiting": "Waits for confirmation", "applying": "Applying", "repairing": "Repairing", "suspended": "Suspended", "empty": "Unknown", "starting": "Unknown"}
        for name, word in words.items():
            with self.subTest(situation=name):
                with self.opened(SITUATIONS[name]()):
                    self.assertEqual(text("#overall"), word)
                    if name != "starting":
                        self.assertTrue(browser.title.startswith(f"{word}: "), browser.title)

    def test_a_section_without_an_answer_says_so_and_the_others_are_shown(self):
        answers = standin.healthy() | {"topology": (503, {"error": "no document was loaded yet: too early"})}
        self.open(answers)
        self.assertEqual(text("#topology-summary"), "Not available: no document was loaded yet: too early")
        self.assertFalse(browser.find_element("id", "map").is_displayed())
        self.assertEqual(text("#overall"), "Ready")


class Content(Case):
    def test_the_state_the_topology_and_the_history_are_described_in_words(self):
        self.open(standin.failing())
        self.assertEqual(text("#title"), "moments on vm")
        self.assertEqual(text("#topology-summary"), "2 hosts, 5 components. Tunnel: 0 of 1 peer with a recent handshake; stale: vps. Prometheus: 2 of 4 jobs up.")
        self.assertIn("wg0 stale", text("#peers .link"))
        self.assertIn("handshake 45 min ago", text("#peers .link"))
        self.assertIn("10.66.66.1:8000: Get", text("#peers .wrong"))
        self.assertIn("blackbox at 127.0.0.1:9115: server returned HTTP status 500", text("#here .wrong"))
        self.assertIn("found duplicate scrape config", text("#notices"))
        self.assertEqual(js("return [...document.querySelectorAll('#conditions .name')].map(e => e.textContent)"),
                         ["Ready", "Reconciling", "Stalled", "SourceVerified", "Healthy", "TunnelReady"])
        rows = js("return [...document.querySelectorAll('#attempts tbody tr')].map(e => e.cells[1].textContent)")
        self.assertEqual(rows, ["Failed", "Applied", "Repaired", "Applied"])
        self.assertEqual(js("return document.querySelectorAll('#happened tbody tr').length"), 4)
        self.assertEqual(text("#happened tbody tr .times"), "3 times, first 5 min ago")

    def test_a_running_apply_is_shown_with_its_step_and_its_age(self):
        answers = standin.applying()
        self.open(answers)
        self.assertEqual(js("return document.getElementById('overall').dataset.tone"), "busy")
        self.assertRegex(text("#notices"), r"^Applying revision 4f1c2d9a7b3eStep: recreate compose:monitoring/prometheusStarted 7\d s ago, this step started 1\d s ago\.$")
        self.assertIn("They are being applied now.", text("#plan-summary"))
        self.assertEqual(js("return document.querySelectorAll('#peers .host').length"), 1)  # the rest stays
        self.assertEqual(text("#why-approve"), "A change is being applied now.")
        before = text("#notices time")
        wait_for("it ticks", lambda: text("#notices time") != before, 4)
        answers["status"]["applying"].update(step="reload reload:prometheus")
        wait_for("the next step, within a second or two", lambda: "Step: reload reload:prometheus" in text("#notices"), 3)
        answers["status"] = standin.healthy()["status"]
        wait_for("it is over", lambda: text("#overall") == "Ready", 3)
        self.assertEqual(text("#notices"), "")

    def test_a_tip_that_is_not_applied_is_never_shown_as_nothing_to_do(self):
        answers = standin.stalled()
        answers["plan"] = standin.plan([], revision=standin.BEFORE) | {"note": "this is not the plan of the tip 4f1c2d9a7b3e (InvalidDocument), but of revision 9e8d7c6b5a49"}
        self.open(answers)
        self.assertEqual(text("#plan-summary"), "At the applied revision 9e8d7c6b5a49 there is nothing to change: 4 resources compared.")
        self.assertIn("not the plan of the tip", text("#plan-notes li"))
        self.assertTrue(browser.find_element("css selector", "#plan-notes li").is_displayed())
        answers["plan"] = standin.plan([])
        self.look()
        self.assertEqual(text("#plan-summary"), "No change is planned for the tip, which is not applied yet (InvalidDocument): 4 resources compared.")
        answers["status"]["lastAppliedRevision"] = TIP
        self.look()
        self.assertTrue(text("#plan-summary").startswith("Nothing to change: 4 resources compared, the host matches the document"))

    def test_the_end_of_every_long_line_is_visible(self):
        """A hint at the end of a long line, in a message of one and of several lines, in a difference, and in an answer."""
        hint = "hint: " + "a long word " * 30 + "/opt/" + "x" * 200 + " and the END"
        answers = standin.stalled()
        answers["plan"] = standin.plan([standin.change("file:/etc/x", "update", hint, f"-{hint}\n+{hint}\n")], [hint])
        for each in answers["status"]["conditions"][3:]:
            each["message"] = hint
        answers["status"]["conditions"][0]["message"] = f"first\n   {hint}"
        answers["events"]["events"][0]["message"] = f"first\n   {hint}"
        answers["history"]["history"][0]["message"] = hint
        answers["history"]["history"][1]["plan"] = f"~ update x\n    +{hint}\n"
        self.open(answers)
        js("document.querySelectorAll('#plan details, #attempts details').forEach(each => { each.open = true; }); say('bad', arguments[0])", hint)
        wait_for("it is said", lambda: "END" in text("#said"))
        for width in (500, 1280):
            window(width)
            self.assertEqual(measure("overflow"), [], width)
            ends = js("""return [...document.querySelectorAll('.text, .diff > span, #said')].filter(each => each.textContent.trim().endsWith('END') && each.checkVisibility())
                .map(each => { const range = document.createRange(); const text = each.lastChild; range.setStart(text, text.length - 3); range.setEnd(text, text.length);
                  return [range.getBoundingClientRect().right, (each.closest('.lines, .diff, section, .notice') ?? each).getBoundingClientRect().right]; })""")
            self.assertGreaterEqual(len(ends), 10)
            self.assertEqual([pair for pair in ends if pair[0] > min(pair[1], width)], [], width)

    def test_repeated_attempts_are_shown_once_and_counted(self):
        answers = standin.failing()
        failed = answers["history"]["history"][0]
        answers["history"]["history"][:1] = [{**failed, "time": standin.at(age)} for age in (90, 400, 800, 2400)]
        self.open(answers)
        rows = js("return [...document.querySelectorAll('#attempts tbody tr')].map(e => e.cells[0].textContent + e.cells[1].textContent)")
        self.assertRegex(rows[0], r"^9\d s ago4 times, first 40 min agoFailed$")
        self.assertEqual(len(rows), 4)
        js("document.querySelector('#attempts tbody tr').mine = true")
        answers["history"]["history"].insert(0, {**failed, "time": standin.at(1)})
        self.look()
        self.assertTrue(text("#attempts .times").startswith("5 times, first 40 min ago"))
        self.assertTrue(js("return document.querySelector('#attempts tbody tr').mine === true"))
        answers["history"]["history"].insert(0, {**failed, "time": standin.at(0), "message": "another reason"})
        self.look()
        self.assertEqual(js("return document.querySelectorAll('#attempts tbody tr').length"), 5)

    def test_a_repair_is_shown_as_a_repair(self):
        self.open(standin.repairing())
        self.assertIn("Repairing drift from revision 9e8d7c6b5a49", text("#notices"))

    def test_a_time_is_shown_relative_with_the_exact_one_in_its_title(self):
        self.open(standin.healthy())
        time_node = js("const t = document.querySelector('#attempts time'); return [t.textContent, t.dateTime, t.title]")
        self.assertEqual(time_node[0], "2 h ago")
        self.assertEqual(time_node[1], self.server.answers["history"]["history"][0]["time"])
        self.assertRegex(time_node[2], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+$")

    def test_ages_follow_the_controllers_clock(self):
        """A browser whose clock is wrong by hours shows the same ages."""
        wrong = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": "const real = Date.now; Date.now = () => real() + 9e6;"})
        self.addCleanup(browser.execute_cdp_cmd, "Page.removeScriptToEvaluateOnNewDocument", wrong)
        self.open(standin.healthy())
        self.assertRegex(text("#peers .link"), "handshake 4[0-9] s ago")

    def test_a_diff_is_built_when_it_is_opened(self):
        self.open(standin.pending())
        self.assertEqual(js("return document.querySelectorAll('.diff').length"), 0)
        js("document.querySelector('#plan details').open = true")
        wait_for("the difference", lambda: js("return document.querySelectorAll('.diff > span').length") == 12)
        self.assertEqual(text(".diff .del"), '-  scrape_interval: "15s"')
        self.assertEqual(js("return [...document.querySelectorAll('.diff .head')].map(e => e.textContent.slice(0, 3))"), ["---", "+++"])
        self.assertIn("Not reversible", text("#plan"))
        js("document.querySelector('#attempts details').open = true")
        wait_for("what was changed", lambda: text("#attempts .diff .add") == '    +  scrape_interval: "30s"')
        self.assertEqual(js("return document.querySelectorAll('#attempts .diff .del').length"), 1)

    def test_a_large_diff_is_cut_until_all_lines_are_requested(self):
        self.open(standin.forty())
        js("document.querySelector('#plan details').open = true")
        wait_for("the button", lambda: text("#plan .more") == "Show all 4003 lines")
        self.assertEqual(js("return document.querySelectorAll('#plan .diff > span').length"), 1500)
        self.click("#plan .more")
        self.assertEqual(js("return document.querySelectorAll('#plan .diff > span').length"), 4003)
        self.look()
        self.assertEqual(js("return document.querySelectorAll('#plan .diff > span').length"), 4003)

    def test_every_resource_is_listed_with_its_state_and_can_be_filtered(self):
        answers = standin.pending()
        answers["plan"]["plan"]["hosts"][0]["changes"] += [standin.change("file:/etc/own", "none", "ignored (spec.ignore)"),
                                                           standin.change("file:/etc/drifted", "drift", "changed by hand; only reported (driftPolicy)"),
                                                           standin.change("compose:moments/backend", "release", "given back to its owner")]
        answers["status"]["inventory"].append("file:/opt/left")
        self.open(answers)
        rows = dict(js("return [...document.querySelectorAll('#all li')].map(e => [e.querySelector('.id').textContent, e.querySelector('.mark').textContent])"))
        self.assertEqual(len(rows), 13)
        for name, state in (("wireguard:wg0", "as it should be"), ("file:/etc/own", "ignored"), ("file:/etc/drifted", "differs, only reported"), ("compose:moments/backend", "to release"),
                            ("compose:monitoring/prometheus", "to recreate"), ("file:/opt/left", "managed, not in the plan")):
            self.assertEqual(rows[name], state)
        self.assertTrue(text("#resources-summary").startswith("13 resources: "))
        self.assertIn("4 as it should be", text("#resources-summary"))
        self.assertIn("changed by hand", text("#all"))
        js("document.getElementById('filter').focus()")
        press(*"PROM reCreate")
        self.assertEqual(js("return [...document.querySelectorAll('#all .id')].map(e => e.textContent)"), ["compose:monitoring/prometheus"])
        self.assertEqual(text("#found"), "1 of 13 shown")
        self.look()
        self.assertEqual(self.focused(), "filter")
        press(*" xx")
        self.assertFalse(browser.find_element("id", "all").is_displayed())

    def test_containers_are_listed_with_their_state_and_age(self):
        self.open(standin.failing())
        rows = js("return [...document.querySelectorAll('#boxes tbody tr')].map(e => [e.cells[0].querySelector('.name').textContent, e.cells[1].textContent, e.cells[2].textContent])")
        self.assertEqual(rows, [["monitoring-prometheus-1", "running, unhealthy", "2 h ago"], ["monitoring-alertmanager-1", "exited (137)", "3 restarts"],
                                ["monitoring-jaeger-1", "restarting", ""], ["monitoring-grafana-1", "running, starting", rows[3][2]], ["monitoring-node-1", "paused", "2 h ago"]])
        self.assertEqual(text("#containers-summary"), "5 containers, 3 with problems.")
        self.assertIn("Project moments: the Docker engine answered 500", text("#containers-notes"))
        self.server.answers["containers"] = {"observed": True, "problems": [], "containers": []}
        self.look()
        self.assertIn("No container", text("#containers-summary"))

    def test_other_hosts_are_shown_with_their_readiness(self):
        answers = standin.failing()
        self.open(answers)
        self.assertRegex(text("#peers .ctrl"), r"^not ready at 9e8d7c6b5a49: revision 4f1c2d9a7b3e: promtool refuses the configuration 2\d s ago$")
        self.assertFalse(js("return document.querySelector('#here .ctrl').checkVisibility()"))
        answers["topology"]["hosts"][0]["controller"] = standin.controller()
        self.look()
        self.assertIn("ready at 4f1c2d9a7b3e", text("#peers .ctrl"))
        answers["topology"]["hosts"][0]["controller"] = standin.controller(answered=False, problem="connection refused")
        self.look()
        self.assertIn("its controller does not answer: connection refused", text("#peers .ctrl"))
        answers["topology"]["hosts"][0]["controller"] = None
        self.look()
        self.assertFalse(js("return document.querySelector('#peers .ctrl').checkVisibility()"))

    def test_only_components_with_a_web_address_are_linked(self):
        answers = standin.healthy()
        answers["topology"]["components"][0]["url"] = "javascript:alert(1)"
        answers["topology"]["components"][1]["url"] = "ftp://example.org/"
        self.open(answers)
        links = js("return [...document.querySelectorAll('.parts a')].filter(e => e.checkVisibility()).map(e => [e.getAttribute('href'), e.rel, e.getAttribute('aria-label')])")
        self.assertEqual(links, [["https://prometheus.example.org/", "noopener noreferrer", "Open prometheus on vm"],
                                 ["http://10.66.66.2:9093/", "noopener noreferrer", "Open alertmanager on vm"],
                                 ["http://127.0.0.1:16686/", "noopener noreferrer", "Open jaeger on vm"]])  # this page is at a loopback address as well
        self.assertEqual(js("return document.querySelectorAll('.parts a[href^=javascript], .parts a[href^=ftp]').length"), 0)

    def test_the_facts_show_mode_intervals_and_last_answers(self):
        answers = standin.healthy()
        self.open(answers)
        told = text("#facts")
        for part in ("Changes areapplied automatically (auto)", "Managed4 resources", "Git last answered3", "Next fetchin 2", "Host observed", "Running since5 d ago", "Version0.2.0"):
            self.assertIn(part, told)
        self.assertEqual(js("return document.querySelector('#facts a').getAttribute('href')"), "#resources")
        self.assertRegex(told, r"Commitprometheus: scrape twice a minute — Ann Example, \d{4}-\d\d-\d\d")
        self.assertNotIn("Tip commit", told)
        answers["status"].update(lastAppliedRevision=standin.BEFORE, applied=standin.note(standin.BEFORE, "the one before"))
        self.look()
        self.assertIn("Committhe one before — Ann Example", text("#facts"))
        self.assertIn("Tip commitprometheus: scrape twice", text("#facts"))
        answers["status"]["applied"] = standin.note("another")  # not what is applied
        self.look()
        self.assertNotIn("Commit", text("#facts"))
        answers["status"]["nextPollAt"] = standin.at(3)
        del answers["status"]["lastContactAt"]
        self.look()
        self.assertIn("Next fetchnow", text("#facts"))
        self.assertNotIn("Git last answered", text("#facts"))


class Hostile(Case):
    def test_hostile_names_messages_and_diffs_are_shown_as_text(self):
        self.open(standin.hostile())
        js("document.querySelectorAll('details').forEach(each => { each.open = true; })")
        time.sleep(0.3)
        self.look()
        self.assertIsNone(js("return window.hacked ?? null"))
        self.assertEqual(js("return document.querySelectorAll('img, iframe, object, embed, style, [style], [onerror]').length"), 0)
        self.assertEqual(js("return document.scripts.length"), 1)
        shown = js("return document.body.textContent")
        self.assertGreater(shown.count("<img src=x onerror="), 30)
        self.assertNotIn("\u202e", shown)
        self.assertNotIn("\u200b", shown)
        self.assertIn("\\u202e", shown)

    def test_injected_markup_cannot_run_scripts(self):
        """The policy, should the page ever have a mistake."""
        self.expected = ("Content Security Policy", "This document requires 'Trusted")
        self.open(standin.healthy())
        refused = js("""
            const out = [];
            try { document.body.innerHTML = '<b>x</b>'; } catch (error) { out.push(error.name); }
            const script = document.createElement('script');
            try { script.text = 'window.hacked = 1'; } catch (error) { out.push(error.name); }
            document.body.setAttribute('style', 'display: none');
            out.push(getComputedStyle(document.body).display);
            return out;""")
        self.assertEqual(refused, ["TypeError", "TypeError", "block"])
        escaped = browser.execute_async_script("fetch('http://127.0.0.1:1/').then(() => arguments[0]('sent'), e => arguments[0](e.name))")
        self.assertEqual(escaped, "TypeError")
        self.assertIsNone(js("return window.hacked ?? null"))


class Accessible(Case):
    def tree(self):
        browser.execute_cdp_cmd("Accessibility.enable", {})
        nodes = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        return [(node["role"]["value"], node.get("name", {}).get("value", ""), node) for node in nodes if not node.get("ignored")]

    def test_the_page_has_landmarks_and_every_control_a_name(self):
        for width in (1280, 320):
            window(width)
            for make in (standin.pending, standin.failing):
                with self.subTest(width=width, situation=make.__name__):
                    with self.opened(make()):
                        tree = self.tree()
                        roles = [(role, name) for role, name, _ in tree]
                        for landmark in (("banner", ""), ("navigation", "On this page"), ("main", ""), ("contentinfo", ""), ("region", "State"), ("region", "Actions"),
                                         ("region", "Topology"), ("region", "Containers"), ("region", "Pending changes"), ("region", "Resources"), ("region", "History"), ("region", "Events")):
                            self.assertIn(landmark, roles)
                        for role, name, node in tree:
                            if role in ("button", "link", "textbox", "checkbox", "DisclosureTriangle", "heading", "table", "columnheader", "region", "dialog"):
                                self.assertTrue(name, node)
                        self.assertIn(("table", "Attempts to change this host, newest first"), roles)
                        self.assertIn(("columnheader", "What happened"), roles)
                        self.assertGreaterEqual(sum(role == "cell" for role, _ in roles), 12)
                        self.assertIn(("textbox", "Token"), roles)
                        self.assertIn(("checkbox", "Keep it until this tab is closed"), roles)
                        self.assertEqual(sum(role == "status" for role, _ in roles), 1)

    def test_a_disabled_button_has_a_description_that_says_why(self):
        self.open(standin.healthy())
        found = {name: node for role, name, node in self.tree() if role == "button"}
        for name, why in (("Approve…", "Changes are applied automatically on this host (apply.mode is auto)."), ("Confirm…", "No change waits for confirmation.")):
            properties = {each["name"]: each["value"].get("value") for each in found[name]["properties"]}
            self.assertTrue(properties.get("disabled"))
            self.assertEqual(found[name]["description"]["value"], why)
        self.give_token()
        self.click("#do-confirm")
        self.said("No change waits for confirmation.")
        self.assertEqual(self.server.posts, [])

    def test_everything_is_reached_with_the_keyboard_in_the_order_of_the_page(self):
        self.open(standin.pending())
        seen = []
        for _ in range(60):
            press("TAB")
            focus = measure("focus")
            if focus["tag"] == "BODY":
                break
            self.assertTrue(focus["outlined"], focus)
            seen.append(focus["name"])
        wanted = ["Skip to the state of this host", "State", "Actions", "Topology", "Containers", "Changes", "Resources", "History", "Events", "4 resources", "do-reconcile", "do-approve",
                  "do-confirm", "do-suspend", "do-rollback", "token-field", "token-keep", "token-forget"]
        self.assertEqual(seen[:len(wanted)], wanted)
        order = js("""return [...document.querySelectorAll('a, button, input, select, summary, [tabindex="0"]')].filter(each => each.checkVisibility() &&
                   !each.closest('dialog')).length""")
        self.assertEqual(len(seen), order)

    def test_the_skip_link_moves_the_focus_to_the_content(self):
        self.open(standin.healthy())
        press("TAB", "ENTER")
        self.assertEqual(self.focused(), "main")
        press("TAB", "TAB")  # over the link to the resources
        self.assertEqual(self.focused(), "do-reconcile")

    def test_a_diff_is_opened_and_scrolled_with_the_keyboard(self):
        window(320)
        self.open(standin.forty())
        js("document.querySelector('#plan summary').focus()")
        press("ENTER")
        wait_for("the difference", lambda: js("return document.querySelector('#plan details').open && !!document.querySelector('#plan .diff')"))
        press("TAB")
        self.assertEqual(measure("focus")["name"], "Difference of file:/opt/monitoring/prometheus/targets.yml")
        press("ARROW_DOWN")
        wait_for("it scrolls", lambda: js("return document.querySelector('#plan .diff').scrollTop") > 0)

    def test_nothing_is_animated_when_reduced_motion_is_requested(self):
        self.open(standin.pending())
        moving = js("""return [document.documentElement, ...document.querySelectorAll('*')].filter(each => { const s = getComputedStyle(each);
                    return s.animationName !== 'none' || parseFloat(s.transitionDuration) > 0 || s.scrollBehavior === 'smooth'; }).length""")
        self.assertEqual(moving, 0)


class InPlace(Case):
    def test_a_refresh_without_news_changes_no_element(self):
        for make in (standin.failing, standin.forty, standin.hostile):
            with self.subTest(situation=make.__name__):
                with self.opened(make()):
                    js("document.querySelectorAll('details').forEach(each => { each.open = true; })")
                    time.sleep(0.2)
                    measure("watch")
                    before = len(self.server.gets)
                    self.look()
                    self.look()
                    self.assertGreaterEqual(len(self.server.gets) - before, 10)
                    self.assertEqual(js("return window.changed"), [])

    def test_an_unchanged_answer_is_not_sent_again(self):
        self.open(standin.forty())
        self.look()
        self.assertEqual({status for _, status in self.server.statuses[-6:]}, {304})
        self.assertEqual(text("#overall"), "Ready")

    def test_a_refresh_with_news_keeps_focus_scroll_position_and_open_diffs(self):
        window(1280, 600)
        answers = standin.pending()
        answers["plan"]["plan"]["hosts"][0]["changes"][0]["diff"] += "".join(f"+  # {n}\n" for n in range(60))
        self.open(answers)
        js("""const all = document.querySelectorAll('#plan details'); all[0].open = true; all[2].open = true;
              document.querySelector('#attempts details').open = true;""")
        wait_for("the differences", lambda: js("return document.querySelectorAll('.diff').length") == 3)
        js("""const s = document.querySelectorAll('#plan summary')[2]; s.focus(); s.mine = true; scrollTo(0, 500);
              document.querySelector('#plan .diff').scrollTop = 60;""")
        keep = """const s = document.activeElement; return [s.tagName, s.mine === true, [...document.querySelectorAll('#plan details')].map(e => e.open),
                  document.querySelector('#attempts tbody tr:last-child details') !== null, document.querySelector('#plan .diff').scrollTop]"""
        top = js("return document.activeElement.getBoundingClientRect().top")
        before = js(keep)
        answers["status"]["conditions"][4].update(status="False", reason="TargetsDown", message="target a is down")
        changes = answers["plan"]["plan"]["hosts"][0]["changes"]
        changes[2]["reason"] = "image and command changed"
        changes.append(standin.change("file:/opt/new", "create", "new", "+new\n"))
        answers["history"]["history"].insert(0, {"time": standin.at(1), "revision": TIP, "result": "Repaired", "message": "1 to update", "plan": ""})
        answers["events"]["events"].insert(0, {"type": "Warning", "reason": "TargetsDown", "message": "target a is down", "count": 1,
                                               "firstTimestamp": standin.at(1), "lastTimestamp": standin.at(1)})
        self.look()
        self.assertEqual(js("return document.querySelectorAll('#attempts tbody tr').length"), 4)
        self.assertEqual(text("#plan > li:nth-child(3) .reason"), "image and command changed Not reversible.")
        after = js(keep)
        after[2] = after[2][:len(before[2])]
        self.assertEqual(after, before)
        self.assertEqual(js("return document.activeElement.getBoundingClientRect().top"), top)

    def test_when_the_focused_element_disappears_its_section_gets_the_focus(self):
        self.open(standin.pending())
        js("document.querySelectorAll('#plan summary')[1].focus()")
        del self.server.answers["plan"]["plan"]["hosts"][0]["changes"][1]
        self.look()
        self.assertEqual(self.focused(), "changes")

    def test_the_page_refreshes_by_itself_and_pauses_while_hidden(self):
        self.open(standin.healthy())
        self.server.answers["status"] = standin.suspended()["status"]
        wait_for("the news", lambda: text("#overall") == "Suspended")
        self.said("The state changed: Suspended")
        first = browser.current_window_handle
        browser.switch_to.new_window("tab")
        try:
            time.sleep(0.5)
            before = len(self.server.gets)
            time.sleep(5)
            self.assertEqual(len(self.server.gets), before)
        finally:
            browser.close()
            browser.switch_to.window(first)
        wait_for("a look on return", lambda: len(self.server.gets) > before, 3)


class Away(Case):
    expected = ("Failed to load resource", "ERR_")

    def test_an_unreachable_controller_is_shown_and_the_last_state_stays(self):
        self.open(standin.healthy())
        self.server.away = True
        self.look()
        self.assertFalse(browser.find_element("id", "away").is_displayed())  # one lost answer is no news
        self.look()
        self.assertTrue(browser.find_element("id", "away").is_displayed())
        self.assertRegex(text("#away"), r"^Not connected since \d{1,2}:\d\d:\d\d")
        self.assertEqual(text("#fresh"), "not connected")
        self.assertEqual(text("#overall"), "Not connected, was: Ready")
        self.assertTrue(browser.title.startswith("Not connected"))
        for selector in ("#conditions li", "#peers .host", "#attempts tbody tr", "#happened tbody tr"):
            self.assertTrue(browser.find_element("css selector", selector).is_displayed(), selector)
        self.assertIn("Nothing to change", text("#plan-summary"))
        self.assertEqual(js("return document.querySelectorAll('#buttons button[aria-disabled=true]').length"), 5)
        self.assertEqual(text("#why-reconcile"), "The controller does not answer.")
        self.assertEqual(measure("contrast")["wrong"], [])
        self.picture("away-light-1280")
        js("document.querySelector('#away button').focus()")
        self.look()
        self.assertEqual(js("return document.activeElement.textContent"), "Try now")
        self.server.away = False
        press("ENTER")
        wait_for("it is back", lambda: not browser.find_element("id", "away").is_displayed())
        self.said("The controller answers again.")
        self.assertEqual(js("return document.querySelectorAll('#buttons button[aria-disabled=true]').length"), 2)

    def test_an_unreachable_controller_is_asked_less_and_less_often(self):
        self.open(standin.healthy())
        js("const real = setTimeout; window.pauses = []; window.setTimeout = (f, ms) => { if (f === lookAround) pauses.push(ms); return real(f, ms); }")
        self.server.away = True
        for _ in range(7):
            self.look()
        pauses = js("return window.pauses")
        self.assertTrue(all(1600 <= pauses[0] <= 2400 and pause <= 36000 for pause in pauses), pauses)
        self.assertGreater(pauses[-1], 20000)


class Actions(Case):
    def test_approve_sends_the_digest_that_was_shown(self):
        self.open(standin.pending())
        self.server.replies["approve"] = (200, {"digest": DIGEST, "request": 7})
        self.give_token()
        js("document.getElementById('do-approve').focus()")
        press("ENTER")
        self.assertTrue(js("return document.getElementById('ask').open"))
        self.assertIn(DIGEST, text("#ask-facts"))
        self.assertIn("Not reversible: recreate compose:monitoring/prometheus", text("#ask-warnings"))
        self.assertEqual(self.focused(), "ask-no")  # a careless Enter does nothing
        self.picture("approve-light-1280")
        press("TAB", "ENTER")
        self.said("Approved.")
        self.assertEqual(self.server.posts, [("/api/v1/approve", {"digest": DIGEST})])
        self.assertEqual(self.focused(), "do-approve")
        healthy = standin.healthy()
        healthy["status"]["lastHandledRequest"] = 7
        self.server.answers.update(healthy)
        self.said("The pass has ended: Ready. the host is at revision 4f1c2d9a7b3e")

    def test_a_cancelled_dialog_sends_nothing(self):
        self.open(standin.pending())
        self.give_token()
        for keys in (("ENTER", "ESCAPE"), ("ENTER", "ENTER")):
            js("document.getElementById('do-approve').focus()")
            press(*keys)
            self.said("Cancelled; nothing was sent.")
            self.assertEqual(self.focused(), "do-approve")
        self.assertEqual(self.server.posts, [])

    def test_the_dialog_keeps_the_focus_within(self):
        self.open(standin.pending())
        self.give_token()
        self.click("#do-approve")
        seen = set()
        for _ in range(6):
            press("TAB")
            seen.add(self.focused())
        self.assertLessEqual(seen - {""}, {"ask-no", "ask-yes"})
        press("ESCAPE")

    def test_a_plan_that_changes_during_the_dialog_cannot_be_approved(self):
        self.open(standin.pending())
        self.give_token()
        self.click("#do-approve")
        self.server.answers["plan"]["digest"] = "0" * 64
        self.look()
        self.assertIn("The plan has changed meanwhile", text("#ask-stale"))
        self.assertEqual(js("return document.getElementById('ask-yes').getAttribute('aria-disabled')"), "true")
        press("TAB", "ENTER")
        time.sleep(0.2)
        self.assertTrue(js("return document.getElementById('ask').open"))
        press("ESCAPE")
        self.said("Cancelled")
        self.assertEqual(self.server.posts, [])

    def test_a_plan_with_a_refusal_cannot_be_approved(self):
        answers = standin.pending()
        answers["plan"]["plan"]["hosts"][0]["changes"].append(standin.change("file:/etc/x", "refuse", "is not ours", "-a\n"))
        self.open(answers)
        self.assertEqual(js("return document.getElementById('do-approve').getAttribute('aria-disabled')"), "true")
        self.assertIn("1 refusal", text("#why-approve"))

    def test_suspend_with_a_reason_and_resume_are_sent(self):
        self.open(standin.healthy())
        self.give_token()
        self.click("#do-suspend")
        self.assertEqual(self.focused(), "ask-input")
        press(*"the disk is replaced")
        self.click("#ask-yes")
        self.said("Suspended.")
        self.assertEqual(self.server.posts[-1], ("/api/v1/suspend", {"reason": "the disk is replaced"}))
        self.server.answers.update(standin.suspended())
        wait_for("the other button", lambda: text("#do-suspend") == "Resume…")
        self.assertIn("the disk is being replaced", text("#notices"))
        self.click("#do-suspend")
        self.click("#ask-yes")
        self.said("Resumed.")
        self.assertEqual(self.server.posts[-1], ("/api/v1/resume", {}))

    def test_reconcile_confirm_and_rollback_are_sent(self):
        self.open(standin.waiting())
        self.give_token()
        self.assertIn("Rolled back in 4 min unless it is confirmed.", text("#notices"))
        for button, path, words, asks in (("reconcile", "/api/v1/reconcile", "reconciles this host", False), ("confirm", "/api/v1/confirm", "Confirmed.", True),
                                          ("rollback", "/api/v1/rollback", "rolls back", True)):
            self.click(f"#do-{button}")
            if asks:
                wait_for("the question", lambda: js("return document.getElementById('ask').open"))
                self.click("#ask-yes")
            self.said(words)
            self.assertEqual(self.server.posts[-1], (path, {}))

    def test_a_rollback_goes_to_the_chosen_generation(self):
        answers = standin.healthy() | {"generations": standin.GENERATIONS, "generations/4/plan": standin.GENERATION_4,
                                       "generations/6/plan": {"number": 6, "plan": ""}}
        self.open(answers)
        self.give_token()
        self.click("#do-rollback")
        wait_for("the question", lambda: js("return document.getElementById('ask').open"))
        self.assertEqual(self.focused(), "ask-select")
        options = js("return [...document.querySelectorAll('#ask-select option')].map(e => e.textContent)")
        self.assertEqual(len(options), 2)  # not where it is
        self.assertRegex(options[0], r"^6: 9e8d7c6b5a49, 2 d ago \(\d{4}-")
        self.assertRegex(options[1], r"^4: a directory, 5 d ago")
        self.assertIn(f"Roll back togeneration 6, revision {standin.BEFORE}Applied at2 d agoApplied now{TIP}", text("#ask-facts"))
        self.assertFalse(browser.find_element("id", "ask-diff").is_displayed())
        for width in (320, 500, 1280):
            window(width)
            self.assertEqual(measure("overflow"), [], width)
        self.assertEqual(measure("contrast")["wrong"], [])
        self.picture("rollback-light-1280")
        press("ARROW_DOWN")
        wait_for("the other one", lambda: "generation 4" in text("#ask-facts"))
        self.assertEqual(text("#ask-diff .add"), "+ new")
        self.click("#ask-yes")
        self.said("rolls back")
        self.assertEqual(self.server.posts, [("/api/v1/rollback", {"to": "4"})])

    def test_without_a_list_of_generations_a_rollback_goes_to_the_previous_one(self):
        self.expected = ("status of 404", "status of 503")
        answers = standin.healthy()
        self.open(answers)
        self.give_token()
        self.click("#do-rollback")
        wait_for("the question", lambda: js("return document.getElementById('ask').open"))
        self.assertFalse(browser.find_element("id", "ask-choice").is_displayed())
        self.assertIn("the generation before", text("#ask-facts"))
        self.assertEqual(js("return document.querySelectorAll('#ask-warnings li').length"), 1)
        press("ESCAPE")
        answers["generations"] = (503, {"error": f"busy {standin.EVIL}"})
        self.click("#do-rollback")
        wait_for("the question", lambda: js("return document.getElementById('ask').open"))
        self.assertIn("The generations cannot be read: busy <img", text("#ask-warnings"))
        self.click("#ask-yes")
        self.said("rolls back")
        self.assertEqual(self.server.posts, [("/api/v1/rollback", {})])

    def test_enter_in_the_reason_field_suspends_and_stays_on_the_page(self):
        self.open(standin.healthy())
        self.give_token()
        self.click("#do-suspend")
        press(*"why", "ENTER")
        wait_for("the dialog is gone", lambda: not js("return document.getElementById('ask').open"))
        self.said("Suspended.")
        self.assertEqual(browser.current_url, self.server.url)

    def test_a_refused_action_shows_the_controllers_error_and_hint(self):
        self.expected = ("status of 409",)
        self.open(standin.waiting())
        self.server.replies["confirm"] = (409, {"error": f"too late {standin.EVIL}", "hint": "it is being taken back"})
        self.give_token()
        self.click("#do-confirm")
        self.click("#ask-yes")
        self.said("Not done: too late <img")
        self.assertIn("it is being taken back", text("#said"))

    def test_a_button_pressed_twice_sends_one_request(self):
        self.open(standin.healthy())
        self.give_token()
        self.server.slow = 0.5
        self.click("#do-reconcile")
        self.assertEqual(text("#do-reconcile"), "Sending …")
        self.click("#do-reconcile")
        self.said("reconciles this host")
        self.assertEqual(self.server.posts, [("/api/v1/reconcile", {})])


class Logs(Case):
    expected = ("status of 401", "status of 503")

    def log(self):
        return text("#boxes .log .said")

    def test_a_containers_log_needs_the_token_and_is_shown_as_text(self):
        answers = standin.healthy()
        answers[f"containers/{1:064x}/logs?lines=50"] = {"lines": ["first", f"{standin.EVIL} {standin.BIDI}", "x" * 1500, "password: ***"]}
        self.open(answers)
        js("document.querySelector('#boxes details').open = true")
        wait_for("why not", lambda: "paste the token" in self.log())
        self.assertFalse(any("logs" in path for path in self.server.gets))
        self.give_token("wrong-token-wrong-token")
        self.click("#boxes .log button")
        wait_for("refused", lambda: "needs the token" in self.log())
        self.give_token()
        self.click("#boxes .log button")
        wait_for("the lines", lambda: "The last 4 lines" in self.log())
        lines = text("#boxes .log .lines")
        self.assertTrue(lines.startswith("first\n<img src=x"))
        self.assertIn("\\u202e", lines)
        self.assertIsNone(js("return window.hacked ?? null"))
        for width in (320, 500, 1280):
            window(width)
            self.assertEqual(measure("overflow"), [], width)
        self.assertEqual(measure("contrast")["wrong"], [])
        self.picture("log-light-1280")
        self.look()
        self.assertIn("The last 4 lines", self.log())  # a look takes nothing away
        answers[f"containers/{1:064x}/logs?lines=50"] = (503, {"error": "the Docker engine answered 501: no such driver"})
        self.click("#boxes .log button")
        wait_for("why not", lambda: "no such driver" in self.log())


class Token(Case):
    expected = ("status of 401",)

    def test_an_action_without_a_token_moves_the_focus_to_the_token_field(self):
        self.open(standin.healthy())
        js("document.getElementById('do-reconcile').focus()")
        press("ENTER")
        self.said("this needs the token of this controller")
        self.assertEqual(self.focused(), "token-field")
        self.assertIn("Paste the token first", text("#token-state"))
        press(*TOKEN)
        self.assertEqual(js("return document.getElementById('token-field').getAttribute('aria-invalid')"), None)
        js("document.getElementById('do-reconcile').focus()")
        press("ENTER")
        self.said("reconciles this host")
        self.assertEqual(text("#token-state"), "The controller accepts this token.")

    def test_a_protected_plan_is_shown_only_with_the_token(self):
        self.open(standin.pending())
        self.server.locked = True
        js("for (const each of Object.keys(tags)) delete tags[each]")
        self.look()
        shut = "Not available: this needs the token; paste the token under “Actions”"
        self.assertEqual(text("#plan-summary"), shut)
        self.assertEqual(text("#overall"), "Waits for approval")  # the status says so
        self.assertEqual(js("return document.querySelectorAll('#plan li').length"), 0)
        self.assertIn("paste the token first", text("#why-approve"))
        self.assertIn("with the token only", text("#history-summary"))
        self.assertRegex(text("#resources-summary"), r"^\d+ resources: \d+ managed\. Differences are shown with the token only\.$")
        self.assertTrue(browser.find_element("css selector", "#attempts tbody tr").is_displayed())
        for what in ("overflow", "structure", "colourOnly"):
            self.assertEqual(measure(what), [], what)
        asked = len(self.server.gets)
        self.look()
        self.assertNotIn("/api/v1/plan", self.server.gets[asked:])  # it is refused once
        self.give_token("wrong-token-wrong-token")
        wait_for("it is wrong", lambda: text("#plan-summary") == "Not available: the controller does not accept this token")
        self.give_token()
        wait_for("the plan", lambda: js("return document.querySelectorAll('#plan li').length") > 0)
        self.assertEqual(text("#history-summary"), "")
        self.click("#token-forget")
        wait_for("it is gone again", lambda: text("#plan-summary") == shut)

    def test_a_wrong_token_is_reported_with_what_to_do(self):
        self.open(standin.healthy())
        self.give_token("wrong-token-wrong-token")
        self.click("#do-reconcile")
        self.said("Nothing was done: the controller does not accept this token.")
        self.assertIn("http.tokenFile", text("#token-state"))
        self.assertEqual(self.focused(), "token-field")
        self.assertEqual(js("return document.getElementById('token-field').getAttribute('aria-invalid')"), "true")
        self.assertEqual(measure("contrast")["wrong"], [])
        self.assertEqual(self.server.posts, [])
        self.picture("refused-token-light-1280")
        press(*TOKEN)  # the field's content is selected
        self.click("#do-reconcile")
        self.said("reconciles this host")

    def test_the_token_is_stored_only_on_request(self):
        everywhere = """return JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href, history.state,
                        document.documentElement.outerHTML])"""
        self.open(standin.healthy())
        self.give_token()
        self.click("#do-reconcile")
        self.said("reconciles this host")
        self.assertNotIn(TOKEN, js(everywhere))
        browser.refresh()
        self.look()
        self.assertEqual(js("return document.getElementById('token-field').value"), "")
        self.give_token()
        self.click("#token-keep")
        self.assertEqual(js("return Object.values(sessionStorage)"), [TOKEN])
        self.assertEqual(js("return localStorage.length"), 0)
        browser.refresh()
        self.look()
        self.click("#do-reconcile")
        self.said("reconciles this host")
        self.click("#token-forget")
        self.assertNotIn(TOKEN, js(everywhere))
        browser.refresh()
        self.look()
        self.assertEqual(js("return [document.getElementById('token-field').value, document.getElementById('token-keep').checked]"), ["", False])

    def test_an_invalid_token_is_not_sent(self):
        self.open(standin.healthy())
        self.give_token("a token\u2026")
        self.assertIn("characters that a token cannot have", text("#token-state"))
        self.click("#do-reconcile")
        self.assertEqual(self.server.posts, [])


class Served(unittest.TestCase):
    """The page of a real controller, which waits for an approval."""

    def setUp(self):
        schema = (standin.SOURCE / "controller/config.schema.yaml").read_text()
        if "\n  http:\n" not in schema:
            self.skipTest("this controller serves no HTTP")
        from loopback import Loopback, free_port, get_json
        self.lab = Loopback()
        self.addCleanup(self.lab.__exit__)
        self.lab.make_repository()
        self.lab.make_keys()
        self.commit = self.lab.push("first")
        root = self.lab.root("vm")
        token = root / "etc/vigie/token"
        token.parent.mkdir(parents=True, exist_ok=True)
        token.write_text(TOKEN)
        token.chmod(0o600)
        self.url = f"http://127.0.0.1:{free_port('127.0.0.1', 19469)}/"
        config = root / "etc/vigie/vigie.yaml"
        config.write_text(f"host: vm\nroot: {root}\nsource: {{ url: \"{self.lab.remote}\", branch: main, interval: 1s, timeout: 10s }}\n"
                          f"apply: {{ mode: manual, activate: none }}\nhttp: {{ listen: [\"{self.url[7:-1]}\"], tokenFile: {token} }}\n")
        self.lab.start("vm", [os.environ["VIGIE_BIN"], "run", "--config", str(config)])
        wait_for(f"the controller answers\n{self.lab.log('vm')}", lambda: get_json(self.url + "api/v1/status"))
        requested()
        browser.get_log("browser")
        window(1280)
        browser.get(self.url)
        self.addCleanup(browser.get, "about:blank")

    said, picture = Case.said, Case.picture

    def test_a_plan_is_approved_in_the_browser_and_applied(self):
        wait_for("the plan", lambda: text("#overall") == "Waits for approval")
        self.assertIn("vm", text("#here h3"))
        self.assertIn("this needs the token", text("#plan-summary"))
        for what in ("overflow", "structure", "colourOnly"):
            self.assertEqual(measure(what), [], what)
        self.picture("served-waiting")
        js("const f = document.getElementById('token-field'); f.value = arguments[0]; f.dispatchEvent(new Event('input'))", "not-the-token-of-it")
        js("document.getElementById('do-reconcile').click()")
        wait_for("the refusal", lambda: "does not accept this token" in text("#said"))
        js("const f = document.getElementById('token-field'); f.value = arguments[0]; f.dispatchEvent(new Event('input'))", TOKEN)
        wait_for("the plan", lambda: "to create" in text("#plan-summary"))
        digest = json.loads(self.lab.call("vm", "GET", "/api/v1/plan")[1])["digest"]
        js("document.getElementById('do-approve').click()")
        self.assertIn(digest, text("#ask-facts"))
        js("document.getElementById('ask-yes').click()")
        self.said("Approved.")
        wait_for("it is applied", lambda: self.lab.status("vm").get("lastAppliedRevision") == self.commit)
        wait_for("the page says so", lambda: text("#overall").startswith("Ready"))
        self.assertRegex(text("#attempts tbody tr"), "Applied.*host vm: 11 to create")
        js("document.querySelector('#attempts details').open = true")
        wait_for("what was changed", lambda: js("return document.querySelectorAll('#attempts .diff .add').length") > 10)
        self.picture("served-applied")
        js("document.getElementById('do-suspend').click()")
        js("document.getElementById('ask-yes').click()")
        wait_for("suspended", lambda: text("#overall") == "Suspended")
        said = [entry["message"] for entry in browser.get_log("browser") if "status of 401" not in entry["message"] and "status of 503" not in entry["message"]]
        self.assertEqual([line for line in said if not line.startswith("chrome://")], [])
        self.assertTrue(all(url.startswith((self.url, "data:", "about:", "chrome")) for url in requested()))


if __name__ == "__main__":
    require()
    try:
        unittest.main(verbosity=2)
    finally:
        browser.quit()
        shutil.rmtree(profile, ignore_errors=True)
