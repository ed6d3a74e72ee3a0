"""Opens HTML files in Chromium, narrow and wide, light and dark, and reports what a self-contained report must not do.

Started by browser.sh. Speaks the DevTools protocol over a pipe, so that it needs no package, sees every request and
console message of the file as it is, and measures in the page even where the page forbids scripts.
"""

import itertools
import json
import os
import pathlib
import select
import signal
import subprocess
import sys
import tempfile
import time

WIDTHS = (360, 1280)
SCHEMES = ("light", "dark")
# Against hanging, nothing else.
PATIENCE_S = 60

# Runs in the page; gives a list of complaints.
INSPECT = r"""
(() => {
  const complaints = [];
  const say = (what, element) => complaints.push(`${what}: <${element.tagName.toLowerCase()}> ${
    (element.textContent || element.id || "").trim().replace(/\s+/g, " ").slice(0, 60)}`);
  const scrolls = element => ["auto", "scroll"].includes(getComputedStyle(element).overflowX);
  const within = element => {
    for (let up = element.parentElement; up; up = up.parentElement) if (scrolls(up)) return true;
    return false;
  };
  // What is folded away has no size, and so nothing that could be too wide.
  for (const folded of document.querySelectorAll("details")) folded.open = true;
  const page = document.documentElement;
  if (page.scrollWidth > window.innerWidth) complaints.push(`the page is ${page.scrollWidth} px wide`);
  for (const element of document.body.querySelectorAll("*")) {
    if (element.closest("svg") && element.tagName !== "svg") continue;
    const box = element.getBoundingClientRect();
    if (box.width === 0 || within(element)) continue;
    if (box.right > window.innerWidth + 1 || box.left < -1) say("wider than the window", element);
    if (element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1 && !scrolls(element)
        && element.tagName !== "svg") say("its text overflows", element);
  }
  const ids = new Set();
  for (const element of document.querySelectorAll("[id]")) {
    if (ids.has(element.id)) say(`the id ${element.id} twice`, element);
    ids.add(element.id);
  }
  for (const svg of document.querySelectorAll("svg:not([aria-hidden=true])")) {
    const child = name => [...svg.children].find(one => one.tagName === name)?.textContent.trim();
    const name = child("title") || "(no title)";
    const wrong = what => complaints.push(`picture "${name.slice(0, 60)}": ${what}`);
    if (!child("title")) wrong("no title");
    if (!child("desc")) wrong("no desc");
    for (const axis of ["x-axis", "y-axis"]) {
      const label = [...svg.querySelectorAll(`.${axis}`)].map(one => one.textContent.trim()).join(" ");
      if (!/\S \(\S.*\)$/.test(label)) wrong(label ? `no unit in the ${axis} label "${label}"` : `no ${axis} label`);
    }
    const frame = svg.getBoundingClientRect();
    if (frame.width === 0) continue;
    const texts = [...svg.querySelectorAll("text")].filter(one => one.textContent.trim());
    const boxes = texts.map(one => one.getBoundingClientRect());
    boxes.forEach((box, i) => {
      const text = texts[i].textContent;
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1
          || box.bottom > frame.bottom + 1) wrong(`"${text}" leaves it`);
      // A box is as high as the font, its letters are not.
      const slack = one => 0.15 * Math.min(one.height, one.width);
      boxes.slice(0, i).forEach((other, j) => {
        const gap = slack(box) + slack(other);
        if (box.left < other.right - gap && other.left < box.right - gap
            && box.top < other.bottom - gap && other.top < box.bottom - gap)
          wrong(`"${text}" covers "${texts[j].textContent}"`);
      });
    });
  }
  return complaints;
})()
"""


class Browser:
    """A headless Chromium without a network, for as long as the `with` lasts."""

    def __init__(self, command):
        self.command = command
        self.numbers = itertools.count(1)
        self.events = []
        self.buffer = b""

    def __enter__(self):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        their_input, self.output = os.pipe()
        self.input, their_output = os.pipe()

        def as_three_and_four():
            # Copies first: either descriptor may be 3 or 4 already.
            source, sink = os.dup(their_input), os.dup(their_output)
            while min(source, sink) < 5:
                source, sink = os.dup(source), os.dup(sink)
            os.dup2(source, 3)
            os.dup2(sink, 4)

        flags = ["--headless=new", "--remote-debugging-pipe", f"--user-data-dir={self.profile.name}", "--disable-gpu",
                 "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                 "--host-resolver-rules=MAP * ~NOTFOUND"]
        if os.geteuid() == 0:
            flags.append("--no-sandbox")  # Chromium refuses to start otherwise.
        self.process = subprocess.Popen([self.command, *flags, "about:blank"], preexec_fn=as_three_and_four,
                                        close_fds=False, start_new_session=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(their_input)
        os.close(their_output)
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = None
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(self, *_):
        os.close(self.output)
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        os.close(self.input)
        self.profile.cleanup()

    def call(self, method, **params):
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": params}
        if getattr(self, "session", None):
            message["sessionId"] = self.session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        answer = self.wait(lambda one: one.get("id") == number, method)
        if "error" in answer:
            sys.exit(f"error: {method}: {answer['error']['message']}")
        return answer["result"]

    def wait(self, wanted, what):
        end = time.monotonic() + PATIENCE_S
        while True:
            message = self.receive(end, what)
            if "method" in message:
                self.events.append(message)
            if wanted(message):
                return message

    def receive(self, end, what):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.input], [], [], max(0, end - time.monotonic()))
            received = os.read(self.input, 1 << 16) if ready else b""
            if not received:
                sys.exit(f"error: the browser {'said nothing' if not ready else 'ended'} during {what}")
            self.buffer += received
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def complaints(self, url, width, scheme):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        # Between two files an empty page: what came before is neither seen nor cached.
        self.visit("about:blank")
        self.events.clear()
        self.visit(url)
        seen = self.call("Runtime.evaluate", expression=INSPECT, returnByValue=True)
        if "exceptionDetails" in seen:
            sys.exit(f"error: the inspection failed: {seen['exceptionDetails']}")
        return [*self.heard(url), *seen["result"]["value"]]

    def visit(self, url):
        loader = self.call("Page.navigate", url=url)
        if "errorText" in loader:
            sys.exit(f"error: cannot open {url}: {loader['errorText']}")
        if not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.wait(lambda one: one.get("method") == "Page.loadEventFired", f"loading {url}")
        self.events = [event for event in self.events if event["method"] != "Page.loadEventFired"]

    def heard(self, url):
        for event in self.events:
            method, params = event["method"], event["params"]
            if method == "Network.requestWillBeSent":
                asked = params["request"]["url"]
                if asked != url and not asked.startswith(("data:", "blob:", "about:")):
                    yield f"asks for {asked}"
            elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "assert", "warning"):
                yield f"console {params['type']}: {' '.join(str(one.get('value', '')) for one in params['args'])}"
            elif method == "Runtime.exceptionThrown":
                details = params["exceptionDetails"]
                yield f"exception: {details.get('exception', {}).get('description', details['text']).splitlines()[0]}"
            elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
                yield f"browser error: {params['entry']['text']}"


def main():
    command, *files = sys.argv[1:]
    wrong = 0
    with Browser(command) as browser:
        for file in files:
            path = pathlib.Path(file)
            if not path.is_file():
                sys.exit(f"error: {file} is not a file")
            where = {}
            for width, scheme in itertools.product(WIDTHS, SCHEMES):
                for complaint in browser.complaints(path.resolve().as_uri(), width, scheme):
                    where.setdefault(complaint, []).append(f"{width} px {scheme}")
            print(f"{file}: {len(where)} complaints")
            for complaint, conditions in where.items():
                every = len(set(conditions)) == len(WIDTHS) * len(SCHEMES)
                print(f"  {complaint} [{'always' if every else ', '.join(dict.fromkeys(conditions))}]")
            wrong += bool(where)
    sys.exit(1 if wrong else 0)


main()
