"""The AWS command line asks for everything that the collector answers."""

import json
import unittest

from support.collector import AWS, CollectorCase, ask_aws

#: Enough for two pages of summaries.
COUNT = 130
BEGIN = 1800000000

RULES = {
    "SamplingRuleRecords": [
        {
            "SamplingRule": {
                "RuleName": "shop",
                "Priority": 5,
                "FixedRate": 0.25,
                "ReservoirSize": 10,
                "URLPath": "/shop/*",
            },
            "ModifiedAt": 1649517389,
        }
    ]
}


def trace_id(number):
    return f"1-6b49d200-{number:024x}"


def trace(number):
    """The shop calls a payment service, which has a segment of its own and fails every tenth."""
    begin = BEGIN + number
    flags = {"fault": True} if number % 10 == 0 else {}
    http = {"request": {"method": "GET", "url": "http://shop/buy"}, "response": {"status": 200}}
    call = {
        "id": f"{number * 4 + 2:016x}",
        "name": "pay",
        "namespace": "remote",
        "start_time": begin + 0.125,
        "end_time": begin + 0.375,
        **flags,
    }
    shop = {
        "name": "shop",
        "id": f"{number * 4 + 1:016x}",
        "trace_id": trace_id(number),
        "start_time": begin,
        "end_time": begin + 0.5,
        "http": http,
        "annotations": {"number": number},
        "subsegments": [call],
        **flags,
    }
    pay = {
        "name": "pay",
        "id": f"{number * 4 + 3:016x}",
        "trace_id": trace_id(number),
        "parent_id": call["id"],
        "origin": "AWS::ECS::Container",
        "start_time": begin + 0.2,
        "end_time": begin + 0.3,
        **flags,
    }
    return shop, pay


def statistics(rule, client="0123456789abcdef01234567"):
    return {
        "RuleName": rule,
        "ClientID": client,
        "Timestamp": BEGIN,
        "RequestCount": 3,
        "SampledCount": 2,
        "BorrowCount": 1,
    }


def calls():
    """The words of every call, by the name under which its answer is looked at."""
    frame = ["--start-time", str(BEGIN), "--end-time", str(BEGIN + COUNT)]
    put = dict(trace(1000)[0], id="00000000000000ff")
    refused = {name: value for name, value in put.items() if name != "end_time"}
    refused["id"] = "00000000000000fe"
    reports = json.dumps([statistics("shop"), statistics("gone")])
    iso = ["--start-time", "2027-01-15T08:00:00Z", "--end-time", "2027-01-15T09:02:10+01:00"]
    services = 'service("pay") { fault } AND annotation.number < 50'
    return {
        "summaries": ["get-trace-summaries", *frame],
        "filtered": ["get-trace-summaries", *iso, "--filter-expression", services],
        "unreadable": ["get-trace-summaries", *frame, "--filter-expression", "fault AND"],
        "traces": ["batch-get-traces", "--trace-ids", trace_id(7), trace_id(4000)],
        "services": ["get-service-graph", *frame],
        "graph": ["get-trace-graph", "--trace-ids", trace_id(10)],
        "put": [
            "put-trace-segments",
            "--trace-segment-documents",
            json.dumps(put),
            json.dumps(refused),
            "nothing",
        ],
        "rules": ["get-sampling-rules", "--no-sign-request"],
        "targets": ["get-sampling-targets", "--sampling-statistics-documents", reports],
        "groups": ["get-groups"],
        "unknown": ["create-group", "--group-name", "mine"],
    }


@unittest.skipIf(AWS is None, "the AWS command line (Debian's awscli) is not installed")
class CommandLine(CollectorCase):
    """All calls are made once, and each case looks at the answers of some."""

    @classmethod
    def flags(cls):
        return "--rules", cls.write("rules.json", RULES)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        documents = [document for number in range(COUNT) for document in trace(number)]
        assert cls.collector.put(*documents) == []
        cls.answers = ask_aws(cls.collector, calls())

    def answer(self, name):
        answer = self.answers[name]
        self.assertEqual(answer.code, 0, answer)
        return answer.json

    def test_summaries(self):
        """get-trace-summaries turns all pages, and each trace is there once."""
        summaries = self.answer("summaries")["TraceSummaries"]
        expected = [trace_id(number) for number in reversed(range(COUNT))]
        self.assertEqual([summary["Id"] for summary in summaries], expected)
        last = summaries[-1]
        self.assertEqual((last["Duration"], last["ResponseTime"]), (0.5, 0.5))
        self.assertTrue(last["HasFault"])
        self.assertFalse(last["IsPartial"])
        self.assertEqual(last["Http"]["HttpURL"], "http://shop/buy")
        self.assertEqual(last["EntryPoint"]["Name"], "shop")
        self.assertEqual({each["Name"] for each in last["ServiceIds"]}, {"shop", "pay"})

    def test_filter(self):
        """get-trace-summaries takes filter expressions and times of ISO 8601."""
        found = self.answer("filtered")
        expected = [trace_id(number) for number in (40, 30, 20, 10, 0)]
        self.assertEqual([summary["Id"] for summary in found["TraceSummaries"]], expected)
        self.assertEqual(found["TracesProcessedCount"], COUNT)

    def test_errors(self):
        """A filter that cannot be read and a call that is not had are told as the service does."""
        answer = self.answers["unreadable"]
        self.assertNotEqual(answer.code, 0)
        words = r"\(InvalidRequestException\) .* GetTraceSummaries operation: .*column 10: .*\.$"
        self.assertRegex(answer.error, words)
        self.assertRegex(self.answers["unknown"].error, r"\(UnknownOperationException\)")

    def test_traces(self):
        """batch-get-traces gives back what was put."""
        found = self.answer("traces")
        self.assertEqual(found["UnprocessedTraceIds"], [trace_id(4000)])
        (only,) = found["Traces"]
        self.assertEqual((only["Id"], only["Duration"]), (trace_id(7), 0.5))
        documents = [json.loads(segment["Document"]) for segment in only["Segments"]]
        self.assertEqual(documents, list(trace(7)))

    def test_service_graph(self):
        """get-service-graph has both services, who calls whom, and the failures of each."""
        found = self.answer("services")["Services"]
        services = {each["Name"]: each for each in found if each.get("Type") != "client"}
        for name in ("shop", "pay"):
            numbers = services[name]["SummaryStatistics"]
            self.assertEqual(numbers["TotalCount"], COUNT)
            self.assertEqual(numbers["FaultStatistics"]["TotalCount"], COUNT // 10)
            self.assertEqual(numbers["OkCount"], COUNT - COUNT // 10)
        self.assertTrue(services["shop"]["Root"])
        (edge,) = services["shop"]["Edges"]
        self.assertEqual(edge["ReferenceId"], services["pay"]["ReferenceId"])
        self.assertEqual(edge["SummaryStatistics"]["TotalCount"], COUNT)
        self.assertAlmostEqual(edge["SummaryStatistics"]["TotalResponseTime"], COUNT * 0.25)

    def test_trace_graph(self):
        """get-trace-graph has one trace's services, by name and type."""
        services = self.answer("graph")["Services"]
        types = {(each["Name"], each.get("Type")) for each in services}
        expected = {("shop", None), ("pay", "AWS::ECS::Container"), ("shop", "client")}
        self.assertEqual(types, expected)
        counts = [each["SummaryStatistics"]["TotalCount"] for each in services[:2]]
        self.assertEqual(counts, [1, 1])

    def test_put(self):
        """put-trace-segments names what X-Ray would refuse, with the service's code."""
        refused = self.answer("put")["UnprocessedTraceSegments"]
        told = [(each.get("Id"), each["ErrorCode"]) for each in refused]
        self.assertEqual(told, [("00000000000000fe", "MissingEndTime"), (None, "ParseError")])
        self.assertIn("end_time", refused[0]["Message"])
        self.assertEqual(len(self.collector.documents(trace_id(1000), 2)), 2)

    def test_rules(self):
        """get-sampling-rules has the file's rules, and the default that it left out."""
        records = self.answer("rules")["SamplingRuleRecords"]
        rules = [record["SamplingRule"] for record in records]
        self.assertEqual([rule["RuleName"] for rule in rules], ["shop", "Default"])
        self.assertEqual((rules[0]["URLPath"], rules[0]["Host"]), ("/shop/*", "*"))
        self.assertEqual((rules[1]["FixedRate"], rules[1]["ReservoirSize"]), (0.05, 1))

    def test_targets(self):
        """get-sampling-targets gives the reservoir, and names a rule that there is not."""
        found = self.answer("targets")
        (target,) = found["SamplingTargetDocuments"]
        self.assertEqual((target["RuleName"], target["FixedRate"]), ("shop", 0.25))
        self.assertEqual((target["ReservoirQuota"], target["Interval"]), (10, 10))
        self.assertEqual([each["RuleName"] for each in found["UnprocessedStatistics"]], ["gone"])

    def test_groups(self):
        """get-groups has the one group."""
        groups = self.answer("groups")["Groups"]
        self.assertEqual([group["GroupName"] for group in groups], ["Default"])
