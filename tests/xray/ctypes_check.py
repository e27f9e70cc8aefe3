"""The C interface as other languages see it: `ctypes_check.py LIBRARY C_EXAMPLE PYTHON_EXAMPLE ROOT
COMPILER_ID COMPILER...`.

What the library exports is what the headers declare. Both examples send to a socket of ours, and
their documents are held against the schema; then Python uses the library from many threads.
"""

import ctypes
import importlib.util
import json
import os
import pathlib
import platform
import re
import socket
import subprocess
import sys
import threading
import unittest

import jsonschema

LIBRARY, C_EXAMPLE, PYTHON_EXAMPLE = map(os.path.abspath, sys.argv[1:4])
ROOT = pathlib.Path(sys.argv[4])
COMPILER_ID, COMPILER = sys.argv[5], sys.argv[6:]
TRACE = "1-58ed6027-14afb2e09172c337713486c0"
INCOMING = f"Root={TRACE};Parent=48af77592b6dd73f;Sampled=1;Lineage=a"
DECLARED = re.compile(r"^XTRACE_C_API [^(;]*?\b(xtrace_\w+)\(", re.M)


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def sanitizer():
    """The runtime that has to be there before Python, for a library that was built with one."""
    undefined = output_of("nm", "-D", "--undefined-only", LIBRARY)
    for name in ("asan", "tsan"):
        if f"__{name}_init" in undefined:
            clangs = f"libclang_rt.{name}-{platform.machine()}.so"
            file = clangs if COMPILER_ID == "clang" else f"lib{name}.so"
            return output_of(*COMPILER, f"-print-file-name={file}").strip()
    return None


def environment(**more):
    """Ours without what tracers read, for a program that brings its own sanitizer."""
    ours = ("AWS_XRAY_", "LD_PRELOAD", "ASAN_OPTIONS")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**clean, **more}


def python_environment(runtime):
    # Python itself leaks; that we do not, the programs in C are asked.
    more = {"LD_PRELOAD": runtime, "ASAN_OPTIONS": "detect_leaks=0"} if runtime else {}
    return environment(**more)


def load_example():
    spec = importlib.util.spec_from_file_location("example", PYTHON_EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Receiver:
    def __enter__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(20)
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        return self

    def __exit__(self, *_):
        self.socket.close()

    def documents(self, count):
        found = [self.socket.recv(65536).partition(b"\n") for _ in range(count)]
        for header, _, _ in found:
            assert json.loads(header) == {"format": "json", "version": 1}, header
        return [json.loads(document) for _, _, document in found]


class CInterfaceTests(unittest.TestCase):
    def assert_valid(self, documents):
        schema = json.loads((ROOT / "docs/segment-document.schema.json").read_text("utf-8"))
        for document in documents:
            jsonschema.Draft7Validator(schema).validate(document)

    def test_the_library_exports_what_the_headers_declare(self):
        headers = (ROOT / "include/xtrace").glob("c_*.h")
        declared = {name for file in headers for name in DECLARED.findall(file.read_text("utf-8"))}
        lines = output_of("nm", "-D", "--defined-only", LIBRARY).splitlines()
        self.assertGreater(len(declared), 50)
        self.assertEqual(sorted(line.split()[-1] for line in lines), sorted(declared))

    def check_example(self, command, env, payments):
        with Receiver() as receiver:
            env["AWS_XRAY_DAEMON_ADDRESS"] = receiver.address
            done = subprocess.run(
                [*command, "20", INCOMING], env=env, capture_output=True, text=True, check=False
            )
            self.assertEqual(done.returncode, 0, done.stderr)
            documents = receiver.documents(20)
        self.assertIn("20 documents sent", done.stdout)
        self.assert_valid(documents)
        documents.sort(key=lambda document: document["annotations"]["item"])
        for document in documents:
            self.assertEqual(document["trace_id"], TRACE)
            self.assertEqual(document["parent_id"], "48af77592b6dd73f")
        names = [part["name"] for part in documents[3]["subsegments"]]
        self.assertEqual(names, ["stock@db.internal", "payment.example.com"])
        [exception] = documents[9]["subsegments"][0]["cause"]["exceptions"]
        self.assertEqual(exception["message"], "the stock has no such item")
        sent = re.findall(r": Root=(\S+);Parent=(\w+);Sampled=1;Lineage=a$", done.stdout, re.M)
        calls = [part["id"] for each in documents for part in each["subsegments"][1:]]
        self.assertEqual(sent, [(TRACE, call) for call in calls])
        self.assertEqual(len(calls), payments)

    def test_the_example_in_c_sends_connected_traces(self):
        self.check_example([C_EXAMPLE], environment(), payments=18)

    def test_the_example_in_c_counts_no_words(self):
        done = subprocess.run(
            [C_EXAMPLE, "twenty"], env=environment(), capture_output=True, text=True, check=False
        )
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("c: the first argument is a number of requests", done.stderr)

    def test_the_example_in_python_sends_connected_traces(self):
        command = [sys.executable, PYTHON_EXAMPLE, LIBRARY]
        self.check_example(command, python_environment(sanitizer()), payments=20)

    def test_a_callback_of_python_gets_the_documents_of_every_thread(self):
        example = load_example()
        documents = []
        callback = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t)
        keep = callback(lambda _, text, length: documents.append(json.loads(text[:length])))
        to_callback = {"emitter": 2, "on_document": ctypes.cast(keep, ctypes.c_void_p).value}
        tracer = example.Tracer(LIBRARY, name="py", sampling=1, sampling_rate=1, **to_callback)

        def work():
            for item in range(50):
                with tracer.begin() as segment, segment.begin("part"):
                    segment.annotate("item", item)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(tracer.close(), 200)
        self.assert_valid(documents[:10])
        self.assertEqual(
            sorted(each["annotations"]["item"] for each in documents),
            sorted([*range(50)] * 4),
        )
        self.assertEqual(len({each["trace_id"] for each in documents}), 200)

    def test_a_setting_that_makes_no_sense_raises_with_its_name(self):
        with self.assertRaisesRegex(ValueError, "sampling_rate: it must be from 0 to 1"):
            load_example().Tracer(LIBRARY, sampling=1, sampling_rate=2)


if __name__ == "__main__":
    preload = sanitizer()
    if preload and "LD_PRELOAD" not in os.environ:
        os.execve(sys.executable, [sys.executable, *sys.argv], python_environment(preload))
    unittest.main(argv=sys.argv[:1])
