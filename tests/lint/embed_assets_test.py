import gzip
import pathlib
import re
import sys
import tempfile
import unittest
from unittest import mock

import embed_assets

STYLE = "body { color: red }\n" * 40


def read_literal(source, name):
    """The bytes of an array of the source, as a compiler reads them."""
    lines = re.search(rf"char {name}\[\] =\n(.*?);\n", source, re.S).group(1)
    text = "".join(re.findall(r'^    "(.*)"$', lines, re.M))
    octal = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), text)
    return octal.encode("latin-1")


class EmbedAssetsTests(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.web = self.folder / "web"
        (self.web / "lib").mkdir(parents=True)
        (self.web / "style.css").write_text(STYLE)
        (self.web / "lib" / "a.js").write_bytes(b'"\\?"\n\x80')

    def embed(self):
        output, depfile = self.folder / "out.cpp", self.folder / "out.d"
        with mock.patch.object(sys, "argv", ["", str(self.web), str(output), str(depfile)]):
            self.assertEqual(embed_assets.main(), 0)
        return output.read_text(), depfile.read_text()

    def test_a_file_is_there_byte_for_byte_and_packed_where_that_is_shorter(self):
        source, _ = self.embed()
        self.assertIn('{"lib/a.js", "text/javascript; charset=utf-8", ', source)
        self.assertEqual(read_literal(source, "kBody0"), b'"\\?"\n\x80')
        self.assertEqual(read_literal(source, "kPacked0"), b"")
        self.assertEqual(gzip.decompress(read_literal(source, "kPacked1")), STYLE.encode())

    def test_the_same_files_make_the_same_source_and_others_another_tag(self):
        first, _ = self.embed()
        self.assertEqual(self.embed()[0], first)
        (self.web / "lib" / "a.js").write_text("changed")
        tags = [re.findall(r'\\"([0-9a-f]{16})\\"', text) for text in (first, self.embed()[0])]
        self.assertNotEqual(tags[0][0], tags[1][0])
        self.assertEqual(tags[0][1], tags[1][1])

    def test_what_is_for_those_who_work_on_the_page_stays_out(self):
        for name in ("README.md", "package.json", ".hidden.js", "node_modules/x.js", "test/y.js"):
            path = self.web / name
            path.parent.mkdir(exist_ok=True)
            path.write_text("secret")
        source, _ = self.embed()
        self.assertIn("std::array<PageAsset, 2>", source)

    def test_the_build_is_told_of_every_file_and_folder(self):
        _, depfile = self.embed()
        for name in ("web", "web/lib", "web/style.css", "web/lib/a.js"):
            self.assertIn(f"{self.folder / name}", depfile.split())


if __name__ == "__main__":
    unittest.main()
