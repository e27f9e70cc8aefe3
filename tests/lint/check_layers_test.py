import pathlib
import tempfile
import unittest

import check_layers


def loop_and(path, include):
    """A tree with the module loop/loop and the file `path`, which includes one thing."""
    return {"src/loop/loop.cpp": "", "include/xtrace/loop.h": "", path: f"#include {include}\n"}


class LayerCheckTests(unittest.TestCase):
    def complaints_about(self, files):
        """What the check says of a tree that holds `files` (path -> text)."""
        with tempfile.TemporaryDirectory() as directory:
            for path, text in files.items():
                file = pathlib.Path(directory, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            return check_layers.check(pathlib.Path(directory))[0]

    def assert_refused(self, path, include, *words):
        complaints = self.complaints_about(loop_and(path, include))
        self.assertEqual(len(complaints), 1, complaints)
        for word in (path, *words):
            self.assertIn(word, complaints[0])

    def assert_accepted(self, path, include):
        self.assertEqual(self.complaints_about(loop_and(path, include)), [])

    def test_a_layer_may_include_itself_and_those_below(self):
        self.assert_accepted("src/net/a.cpp", '"net/b.h"')
        self.assert_accepted("src/net/a.cpp", '"base/assert.h"')
        self.assert_accepted("src/net/a.cpp", "<xtrace/loop.h>")
        self.assert_accepted("src/instrument/a.cpp", '"xray/document.h"')

    def test_a_layer_may_not_include_one_above(self):
        self.assert_refused("src/base/a.h", '"loop/timer.h"', "base", "loop/timer.h")
        self.assert_refused("src/base/a.cpp", "<xtrace/loop.h>", "belongs to loop")

    def test_client_and_xray_do_not_know_each_other(self):
        self.assert_refused("src/client/a.cpp", '"xray/document.h"', "client")
        self.assert_refused("src/xray/a.cpp", '"client/attempt.h"', "xray")
        self.assert_refused("src/xray/a.cpp", "<xtrace/loop.h>", "xray")

    def test_a_foreign_header_comes_in_by_its_door_only(self):
        self.assert_refused("src/client/a.cpp", "<uv.h>", "uv.h")
        self.assert_refused("src/net/socket.cpp", "<mbedtls/ssl.h>", "mbedtls/ssl.h")
        self.assert_refused("src/cli/verb_get.cpp", "<cxxopts.hpp>", "cxxopts")
        self.assert_refused("src/http/headers.cpp", "<nlohmann/json.hpp>", "nlohmann")
        self.assert_refused("src/loop/a.cpp", "<doctest/doctest.h>", "doctest")
        self.assert_accepted("src/net/tls_stream.cpp", "<mbedtls/ssl.h>")
        self.assert_accepted("src/http/parser.cpp", "<llhttp.h>")
        self.assert_accepted("src/http/request_parser.cpp", "<llhttp.h>")
        self.assert_refused("src/http/request_target.cpp", "<llhttp.h>", "llhttp")
        self.assert_accepted("tests/net/a_test.cpp", "<uv.h>")

    def test_a_public_header_sees_only_public_headers_and_the_standard_library(self):
        self.assert_accepted("include/xtrace/loop.h", "<vector>")
        self.assert_refused("include/xtrace/loop.h", '"base/assert.h"', "public header")
        self.assert_refused("include/xtrace/loop.h", "<sys/socket.h>", "public header")

    def test_an_adapter_sees_the_library_it_is_for_and_is_seen_by_nothing_of_ours(self):
        self.assert_accepted("include/xtrace/adapters/beast_client.h", "<boost/asio.hpp>")
        self.assert_accepted("include/xtrace/adapters/beast.h", "<xtrace/loop.h>")
        self.assert_refused("include/xtrace/adapters/beast.h", "<httplib.h>", "another door")
        self.assert_refused("include/xtrace/adapters/beast.h", "<sys/socket.h>", "public header")
        self.assert_refused("include/xtrace/loop.h", "<boost/asio.hpp>", "another door")
        for path in ("src/cli/a.cpp", "include/xtrace/loop.h"):
            self.assert_refused(path, "<xtrace/adapters/beast.h>", "belongs to adapters")

    def test_a_public_header_of_no_known_layer_is_named(self):
        complaints = self.complaints_about({"include/xtrace/stray.h": ""})
        self.assertEqual(len(complaints), 1)
        self.assertIn("stray.h", complaints[0])
