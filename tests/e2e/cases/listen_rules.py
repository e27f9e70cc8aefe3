"""xtrace listen --rules: the file that is read again while it runs."""

import json
import pathlib
import urllib.request

from cases.listen import Listener
from support.case import Case, world

RULES = json.dumps({"version": 2, "rules": [], "default": {"fixed_target": 1, "rate": 0.25}})


class ListenRules(Case):
    """Sampling rules in a file that somebody edits."""

    @staticmethod
    def rate(listener):
        """What an SDK is told for everything."""
        question = urllib.request.Request(f"http://{listener.tcp}/GetSamplingRules", data=b"{}")
        with urllib.request.urlopen(question, timeout=10) as answer:
            rules = json.load(answer)["SamplingRuleRecords"]
        return rules[-1]["SamplingRule"]["FixedRate"]

    def test_broken_while_it_runs(self):
        """A file that cannot be read again is told with its place, and what it had goes on."""
        path = pathlib.Path(world().directory, "edited_rules.json")
        path.write_text(RULES, encoding="utf-8")
        listener = Listener(self, "--rules", str(path))
        self.assertEqual(self.rate(listener), 0.25)
        path.write_text("{broken", encoding="utf-8")
        self.assertEqual(self.rate(listener), 0.25)
        told = listener.note(rb"xtrace: [^\n]*; the rules that it had stay in force\n").decode()
        self.assertIn("edited_rules.json: line 1, column 2: ", told)
        path.write_text(RULES.replace("0.25", "0.5"), encoding="utf-8")
        self.assertEqual(self.rate(listener), 0.5)
        listener.note(rb"xtrace: the sampling rules can be read again\n")
        self.assertEqual(listener.finish().code, 0)
