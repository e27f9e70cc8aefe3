import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# At the left margin, hence no member of another; forward declarations have no brace. C's types have
# a typedef or are plain enums.
DEFINITION = re.compile(
    r"^(?:class|struct|enum class)\s+(?:\[\[\w+\]\]\s+)?(\w+)(?: final)?(?: : [^{;]+)? \{"
    r"|^using (\w+) ="
    r"|^(?:typedef struct|enum) (xtrace_\w+)"
    r"|^typedef \w+ \(\*(\w+)\)",
    re.M,
)


class PublicTypesTests(unittest.TestCase):
    def test_every_public_type_stands_in_architecture(self):
        """Every public type has its place in docs/architecture.md."""
        told = set(re.findall(r"`(\w+)`", (ROOT / "docs/architecture.md").read_text("utf-8")))
        headers = sorted((ROOT / "include/xtrace").glob("*.h"))
        types = {
            "".join(names)
            for header in headers
            for names in DEFINITION.findall(header.read_text("utf-8"))
        }
        self.assertGreater(len(types), 50)
        self.assertIn("xtrace_document_function", types)
        self.assertEqual(sorted(types - told), [])


if __name__ == "__main__":
    unittest.main()
