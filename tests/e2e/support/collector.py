"""`xtrace listen` on free ports, and what asks it: the AWS command line and bare HTTP."""

import concurrent.futures
import http.client
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest

from support import program

#: Debian's, whatever else the PATH has.
AWS = shutil.which("aws", path="/usr/bin:/bin:/usr/local/bin")
_SANITIZERS = ("AddressSanitizer", "runtime error:", "LeakSanitizer")


class Collector:
    """Runs until `close()`, which fails where it did not end well."""

    def __init__(self, *flags):
        command = [program.binary(), "listen", "--udp", "0", "--tcp", "0", "--web", "none"]
        self.process = subprocess.Popen(
            [*command, "--format", "none", *flags],
            env=program.environment(tempfile.gettempdir()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        line = self.process.stderr.readline()
        ports = dict(re.findall(r"(udp|tcp) 127\.0\.0\.1:(\d+)", line))
        if sorted(ports) != ["tcp", "udp"]:
            raise AssertionError(f"no ready line: {line}{self.process.communicate()[1]}")
        self.udp = ("127.0.0.1", int(ports["udp"]))
        self.tcp = ("127.0.0.1", int(ports["tcp"]))
        self.endpoint = f"http://127.0.0.1:{ports['tcp']}"
        #: As the SDKs have it in AWS_XRAY_DAEMON_ADDRESS.
        self.daemon = f"tcp:127.0.0.1:{ports['tcp']} udp:127.0.0.1:{ports['udp']}"

    def ask(self, path, body, status=200, headers=None):
        """The answer of one call of the API, given as an object or as bytes."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection = http.client.HTTPConnection(*self.tcp, timeout=30)
        try:
            connection.request("POST", path, data, headers or {})
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status != status:
            raise AssertionError(f"{path}: {answer.status} {text[:2000]!r}")
        return json.loads(text, parse_constant=_no_constant)

    def stats(self):
        connection = http.client.HTTPConnection(*self.tcp, timeout=30)
        try:
            connection.request("GET", "/api/stats")
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def put(self, *documents):
        """Puts the documents and returns those that X-Ray would refuse."""
        texts = [json.dumps(document) for document in documents]
        answer = self.ask("/TraceSegments", {"TraceSegmentDocuments": texts})
        return answer["UnprocessedTraceSegments"]

    def documents(self, trace_id, count=1, deadline=10.0):
        """The documents of a trace, parsed, once so many are there."""
        end = time.monotonic() + deadline
        found = []
        while time.monotonic() < end:
            answer = self.ask("/Traces", {"TraceIds": [trace_id]})
            found = [segment for trace in answer["Traces"] for segment in trace["Segments"]]
            if len(found) >= count:
                break
        if len(found) != count:
            raise AssertionError(f"{len(found)} documents of {trace_id} are there, not {count}")
        return [json.loads(each["Document"], parse_constant=_no_constant) for each in found]

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            said = self.process.communicate(timeout=20)[1]
        except subprocess.TimeoutExpired:
            self.process.kill()
            said = "it does not end\n" + self.process.communicate()[1]
        if self.process.returncode != 0 or any(word in said for word in _SANITIZERS):
            raise AssertionError(f"xtrace listen ended with {self.process.returncode}: {said}")


class CollectorCase(unittest.TestCase):
    """The cases of a class share `self.collector`, started with the class's `flags()`."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="xtrace-collect-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.collector = Collector(*cls.flags())
        cls.addClassCleanup(cls.collector.close)

    @classmethod
    def flags(cls):
        return ()

    @classmethod
    def write(cls, name, content):
        """A file in the class's folder; returns its path."""
        path = os.path.join(cls.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))
        return path


class Answer:
    """What a run of the AWS command line said."""

    def __init__(self, done):
        self.code = done.returncode
        self.error = done.stderr.strip()
        self.json = json.loads(done.stdout) if done.stdout else None

    def __str__(self):
        return f"exit {self.code}: {self.error} {self.json}"


def ask_aws(collector, calls):
    """Runs `aws xray` with each list of words, all at once; returns the answers by name.

    The command takes a second, most of which it spends on reading itself.
    """
    env = program.environment(
        tempfile.gettempdir(),
        AWS_ACCESS_KEY_ID="anything",
        AWS_SECRET_ACCESS_KEY="goes",
        AWS_DEFAULT_REGION="eu-central-1",
        AWS_PAGER="",
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
    )

    def run(words):
        command = [AWS, "xray", *words, "--endpoint-url", collector.endpoint, "--output", "json"]
        done = subprocess.run(
            command, env=env, capture_output=True, text=True, timeout=60, check=False
        )
        return Answer(done)

    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return dict(zip(calls, pool.map(run, calls.values())))


def _no_constant(name):
    raise ValueError(name + " is no JSON")
