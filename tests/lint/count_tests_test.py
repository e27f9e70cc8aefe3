import unittest

from count_tests import Count, count_output

DOCTEST = "[doctest] test cases:  3 |  {} passed | {} failed | {} skipped\n[doctest] assertions: 9\n"


class CountTests(unittest.TestCase):
    def test_a_doctest_program_counts_its_cases(self):
        self.assertEqual(count_output(DOCTEST.format(2, 1, 4), "FAIL"), Count(2, 1, 4))

    def test_colours_do_not_hide_the_count(self):
        text = (
            "\x1b[0;36m[doctest] \x1b[0mtest cases: 3 | \x1b[0;32m3 passed\x1b[0m | "
            "0 failed | 0 skipped"
        )
        self.assertEqual(count_output(text, "OK"), Count(3, 0, 0))

    def test_cases_that_a_filter_left_out_are_not_skipped(self):
        self.assertEqual(count_output(DOCTEST.format(3, 0, 7), "OK", True), Count(3, 0, 0))

    def test_a_leak_after_the_last_case_is_a_failure(self):
        self.assertEqual(count_output(DOCTEST.format(3, 0, 0), "FAIL"), Count(3, 1, 0))

    def test_a_crash_without_a_count_is_a_failure(self):
        self.assertEqual(count_output("AddressSanitizer: heap-use-after-free", "FAIL"), Count(0, 1))

    def test_the_last_summary_line_of_a_script_counts(self):
        text = "one: 9 passed, 9 failed\n5 passed, 1 failed\n4 passed, 0 failed, 2 skipped\n"
        self.assertEqual(count_output(text, "OK"), Count(4, 0, 2))

    def test_a_program_that_says_nothing_counts_by_its_exit_code(self):
        self.assertEqual(count_output("", "OK"), Count(1, 0, 0))
        self.assertEqual(count_output("", "TIMEOUT"), Count(0, 1, 0))
        self.assertEqual(count_output("", "SKIP"), Count(0, 0, 1))

    def test_a_unittest_run_counts_its_tests(self):
        text = "Ran 7 tests in 0.1s\n\nFAILED (failures=1, errors=2, skipped=1)\n"
        self.assertEqual(count_output(text, "FAIL"), Count(3, 3, 1))
        self.assertEqual(count_output("Ran 1 test in 0.1s\n\nOK\n", "OK"), Count(1, 0, 0))

    def test_the_closing_line_names_skipped_cases_only_where_there_are_any(self):
        self.assertEqual(str(Count(3, 0)), "3 passed, 0 failed")
        self.assertEqual(str(Count(3, 1) + Count(1, 0, 2)), "4 passed, 1 failed, 2 skipped")
