"""xtrace completion: what shells complete."""

import re
import subprocess

from support.case import Case

ASK = """
eval "$(cat)"
complete -p xtrace
COMP_WORDS=(xtrace "$@")
COMP_CWORD=$#
_xtrace
printf '%s\\n' "${COMPREPLY[@]}"
"""


class Completion(Case):
    """The scripts, and what a shell makes of them."""

    def script(self, shell):
        done = self.xtrace("completion", shell)
        self.assertEqual((done.code, done.notes), (0, ""), done)
        return done.text

    def bash(self, *words):
        """What bash offers for the last of the words."""
        done = subprocess.run(
            ["bash", "--norc", "-c", ASK, "bash", *words],
            input=self.script("bash"),
            capture_output=True,
            text=True,
            check=True,
        )
        self.assertEqual(done.stderr, "")
        declared, *offered = done.stdout.splitlines()
        self.assertIn("-F _xtrace xtrace", declared)
        return [word for word in offered if word]

    def test_bash(self):
        """Bash completes verbs, the second words of families, and each verb's own flags."""
        self.assertEqual(self.bash("li"), ["listen"])
        self.assertIn("span", self.bash(""))
        self.assertEqual(sorted(self.bash("span", "")), ["begin", "end", "header", "note"])
        self.assertEqual(self.bash("listen", "--exp"), ["--expect"])
        self.assertEqual(self.bash("emit", "x.json", "--stri"), ["--strict"])
        self.assertEqual(self.bash("emit", "--expect"), [])
        self.assertTrue(self.bash("span", "begin", "--"))
        self.assertEqual(self.bash("show", ""), [], "files are bash's own matter")

    def test_all_flags(self):
        """Every script has every verb of the help, and every flag with its words."""
        verbs = re.findall(
            r"(?m)^  ([a-z]+)", self.xtrace("-h").text.split("\nVerbs\n")[1].split("\n\n")[0]
        )
        for shell in ("bash", "zsh", "fish"):
            script = self.script(shell)
            for verb in verbs:
                self.assertRegex(script, rf"(?m)[' ]{verb}\b", shell)
            self.assertIn("max-memory", script)
            self.assertIn("traces with an error" if shell != "bash" else "--errors", script)

    def test_refusals(self):
        """A shell that is not known is refused, and so is none."""
        done = self.xtrace("completion", "tcsh")
        self.assertEqual(done.code, 2)
        self.assertEqual(
            done.notes,
            'xtrace completion knows no such shell: "tcsh" is not one of bash, zsh or fish\n',
        )
        self.assertEqual(self.xtrace("completion").code, 2)
