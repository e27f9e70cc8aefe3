import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
UNITS = {None: "", "milliseconds": ", ms", "bytes": ", bytes"}
DEFINITION = re.compile(r'\.name = "([^"]+)",\s*\.kind = (\w+)(?:,\s*\.unit = (\w+))?')
ROW = re.compile(r"^\| `((?:toolkit|xtrace)\.[\w.]+)` \| ([^|]+) \|", re.M)


class MetricsTests(unittest.TestCase):
    def test_the_page_lists_the_metrics_there_are(self):
        """docs/metrics.md has every metric of the sources, with its kind and unit, and no other."""
        lists = sorted((ROOT / "src/instrument").glob("client_metrics*_list.h"))
        written = {
            name: kind + UNITS[unit or None]
            for source in lists
            for name, kind, unit in DEFINITION.findall(source.read_text("utf-8"))
        }
        rows = ROW.findall((ROOT / "docs/metrics.md").read_text("utf-8"))
        self.assertGreater(len(written), 40)
        self.assertEqual(dict(rows), written)
        self.assertEqual(len(rows), len(written))


if __name__ == "__main__":
    unittest.main()
