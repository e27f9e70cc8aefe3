import io
import json
import unittest
from contextlib import redirect_stdout

from bench_api import read_answers, summaries_line
from bench_emit import Failure, Line
from bench_programs import Run, read_hey, read_ours, read_wrk

WRK = "  144112 requests in 1.00s, 178.65MB read\n{}Requests/sec: 143967.11\nTransfer/sec: 178MB\n"
HEY = "  Requests/sec:\t61234.5678\n\nStatus code distribution:\n{}\n"


def report(**changes):
    run = {"rate": 1234.5, "requests": 7, "errors": 0, "statuses": {"200": 7}}
    return json.dumps({**run, "emit": {"traces": 6}, **changes})


def printed(line):
    with redirect_stdout(io.StringIO()) as text:
        line.print()
    return text.getvalue()


class BenchProgramsTests(unittest.TestCase):
    def test_wrk_tells_its_rate_and_its_requests(self):
        self.assertEqual(read_wrk(WRK.format("")), Run(143967.11, 144112))

    def test_a_run_of_wrk_that_met_errors_is_none(self):
        for line in ("  Non-2xx or 3xx responses: 3\n", "  Socket errors: connect 0, read 3\n"):
            with self.assertRaises(Failure):
                read_wrk(WRK.format(line))

    def test_hey_tells_its_rate_and_its_answers(self):
        self.assertEqual(read_hey(HEY.format("  [200]\t49984 responses")), Run(61234.5678, 49984))

    def test_a_run_of_hey_that_met_another_status_or_an_error_is_none(self):
        for lines in ("  [200]\t7 responses\n  [503]\t1 responses", "",
                      "  [200]\t7 responses\n\nError distribution:\n  [1]\tEOF"):
            with self.assertRaises(Failure):
                read_hey(HEY.format(lines))

    def test_our_report_tells_rate_requests_and_traces(self):
        self.assertEqual(read_ours(report()), Run(1234.5, 7, traces=6))

    def test_a_run_of_ours_that_met_another_status_or_an_error_is_none(self):
        for changes in ({"errors": 1}, {"statuses": {"200": 6, "404": 1}}, {"statuses": {}}):
            with self.assertRaises(Failure):
                read_ours(report(**changes))

    def test_a_summary_without_its_figures_is_a_failure(self):
        with self.assertRaises(Failure):
            read_wrk("unable to connect to 127.0.0.1:1 Connection refused\n")

    def test_the_slowest_filter_is_held_against_its_limit_and_the_first_answer_told(self):
        answers = read_answers("150.2 100 \n3.0 100 \n20.5 7 ok AND a\n4.5 0 fault\n")
        line = printed(summaries_line(answers))
        self.assertIn("20.50 ms", line)
        self.assertTrue(line.endswith("  short  7 found by ok AND a; the first answer took 150 ms\n"))
        with self.assertRaises(Failure):
            read_answers("150.2 100 \n")

    def test_cpu_is_told_for_each_request(self):
        self.assertEqual(Run(1000.0, 4, cpu=10.0).cpu_each(), 2.5)

    def test_a_rate_has_to_reach_its_goal_and_a_cost_to_stay_below_it(self):
        for ours, is_limit, verdict in ((84, False, "short"), (85, False, "ok"), (85, True, "ok"),
                                        (86, True, "short")):
            line = Line("load", ours, 100, "k/s", 0.85, is_limit=is_limit)
            self.assertTrue(printed(line).endswith(f"  {verdict}\n"))

    def test_what_did_not_all_arrive_falls_short(self):
        line = Line("load", 2, 1, "k/s", 1.0, note="6 of 7", all_arrived=False)
        self.assertTrue(printed(line).endswith("  short  6 of 7\n"))
