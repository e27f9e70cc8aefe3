import pathlib
import subprocess
import tempfile
import unittest

HOOK = pathlib.Path(__file__).resolve().parents[2] / "tools/hooks/commit-msg"


def verdict(message):
    """The hook's exit code and words about a commit message."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write(message)
        file.flush()
        done = subprocess.run([HOOK, file.name], capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


class CommitMessageTests(unittest.TestCase):
    def test_a_subject_in_shape_is_accepted(self):
        for subject in (
            "net/connector: close the losing family when one connects",
            "docs: tell what each phase is\n\nWhy it matters: Because.",
            "Merge branch 'main'",
        ):
            self.assertEqual(verdict(subject), (0, ""), subject)

    def test_a_subject_out_of_shape_is_refused_with_the_reason(self):
        for subject, reason in (
            ("tell what each phase is", "area: verb the thing"),
            ("docs: Tell what each phase is", "capital"),
            ("docs: tell what each phase is.", "full stop"),
            ("docs: tell what each phase is, " + "at length " * 4, "60 are the limit"),
            ("net: wip", "how the work went"),
            ("net: fix review comments", "how the work went"),
        ):
            code, words = verdict(subject)
            self.assertEqual(code, 1, subject)
            self.assertIn(reason, words)
