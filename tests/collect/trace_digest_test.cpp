#include "collect/trace_digest.h"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "collect/trace_store.h"
#include "collect/tree_text.h"

namespace trace_digest_test {

using namespace xtrace;
using namespace xtrace::collect;
using namespace xtrace::collect::testing;

namespace {

const std::string kRemote = R"("namespace":"remote")";

TraceDigest digest_of(const std::vector<std::string>& documents) {
  return make_digest(tree_of(documents), StoredTrace(TraceId{}));
}

std::string letters(const Flags& flags) {
  return std::string(flags.error ? "e" : "") + (flags.throttle ? "t" : "") +
         (flags.fault ? "f" : "");
}

std::string name_of(const TraceDigest& digest, std::uint32_t service) {
  if (service == EdgeVisit::kClient) return "client";
  const DigestService& it = digest.services.at(service);
  return it.name + (it.type.empty() ? "" : "/" + it.type);
}

/// Visits, then edges: `^` a root, `~` inferred, `*` in progress.
std::string graph(const TraceDigest& digest) {
  std::string text = "\n";
  for (const ServiceVisit& visit : digest.visits) {
    text += name_of(digest, visit.service) + " " + (visit.is_root ? "^" : "") +
            (visit.is_inferred ? "~" : "") + (visit.is_in_progress ? "*" : "") +
            letters(visit.flags) + number_text(visit.duration, "%g") + "\n";
  }
  for (const EdgeVisit& edge : digest.edges) {
    text += name_of(digest, edge.from) + " > " + name_of(digest, edge.to) + " " +
            letters(edge.flags) + number_text(edge.duration, "%g") + "\n";
  }
  return text;
}

/// Its kind by the letter, its services, its entity and its exception.
std::string causes(const TraceDigest& digest) {
  std::string text = "\n";
  for (const RootCause& cause : digest.root_causes) {
    text += "fet"[static_cast<std::size_t>(cause.kind)];
    for (const std::uint32_t service : cause.services) text += " > " + name_of(digest, service);
    text += ": " + cause.entity + (cause.is_remote ? " (remote)" : "");
    text += cause.type.empty() ? "\n" : " " + cause.type + " " + cause.message + "\n";
  }
  return text;
}

struct Example {
  const char* says;
  std::vector<std::string> documents;
  const char* graph;
};

std::string call(const char* id, const char* name, double from, double to,
                 const std::string& more = {}) {
  return node(id, name, from, to, kRemote + (more.empty() ? "" : "," + more));
}

}  // namespace

TEST_SUITE("collect/trace_digest") {
  TEST_CASE("services call each other as segments and their callers' subsegments say") {
    const std::string attempts =
        nested({node("c1", "Attempt:0", 1, 2, R"("fault":true)"), node("c2", "Attempt:1", 3, 5)});
    const std::vector<Example> examples = {
        {"a callee's numbers are its own, an edge's are the caller's",
         {node("a", "shop", 0, 9, nested({call("b", "pay", 1, 8, R"("fault":true)")})),
          node("c", "pay", 2, 7, R"("origin":"AWS::ECS::Container","error":true,)" + below("b"))},
         "\nshop ^9\npay/AWS::ECS::Container e5\nclient > shop 9\nshop > "
         "pay/AWS::ECS::Container f7\n"},
        {"who sent no segment is inferred from the call",
         {node("a", "shop", 0, 9, nested({call("b", "pay:8080", 1, 8, R"("throttle":true)")}))},
         "\nshop ^9\npay:8080/remote ~t7\nclient > shop 9\nshop > pay:8080/remote t7\n"},
        {"AWS services are called by their resources",
         {node("a", "shop", 0, 9,
               nested({node("b", "DynamoDB", 1, 2, R"("namespace":"aws","aws":{"table_name":"t"})"),
                       node("c", "DynamoDB", 2, 4, R"("namespace":"aws")"),
                       node("d", "SQS", 4, 7, R"("namespace":"aws","aws":{"queue_url":"q"})"),
                       node("e", "S3", 7, 8, R"("namespace":"aws","aws":{"bucket_name":"b"})")}))},
         "\nshop ^9\nt/AWS::DynamoDB::Table ~1\nDynamoDB/AWS::DynamoDB ~2\nq/AWS::SQS::Queue ~3\n"
         "b/AWS::S3::Bucket ~1\nclient > shop 9\nshop > t/AWS::DynamoDB::Table 1\n"
         "shop > DynamoDB/AWS::DynamoDB 2\nshop > q/AWS::SQS::Queue 3\nshop > b/AWS::S3::Bucket "
         "1\n"},
        {"every attempt that was answered is a call, and the call itself none",
         {node("a", "shop", 0, 9, nested({call("b", "pay", 1, 5, attempts)})),
          node("d", "pay", 1, 2, below("c1")), node("e", "pay", 3, 4, below("c2"))},
         "\nshop ^9\npay 1\npay 1\nclient > shop 9\nshop > pay f1\nshop > pay 2\n"},
        {"a call within a call of that name is part of it, and one of another name is not",
         {node("a", "shop", 0, 9,
               nested({call(
                   "b", "pay", 1, 5,
                   nested({node("c", "Attempt:0", 1, 5,
                                nested({call("d", "pay", 1, 2), call("e", "bank", 3, 5)}))}))}))},
         "\nshop ^9\npay/remote ~4\nbank/remote ~2\nclient > shop 9\nshop > pay/remote 4\n"
         "shop > bank/remote 2\n"},
        {"a segment right below a segment is called as it says itself",
         {node("a", "shop", 0, 9), node("b", "pay", 1, 4, below("a"))},
         "\nshop ^9\npay 3\nclient > shop 9\nshop > pay 3\n"},
        {"where no root has come a segment whose caller is unknown stands for it",
         {node("b", "pay", 2, 5, below("77"))},
         "\npay ^3\nclient > pay 3\n"},
        {"and is none where one has",
         {node("a", "shop", 3, 9), node("b", "pay", 2, 5, below("77"))},
         "\nshop ^6\npay 3\nclient > shop 6\nclient > pay 3\n"},
        {"subsegments of a function that nobody tells of",
         {node("b", "handler", 1, 8, alone_below("77")),
          node("c", "DynamoDB", 2, 3, R"("namespace":"aws",)" + alone_below("77"))},
         "\nhandler ^~7\nDynamoDB/AWS::DynamoDB ~1\nclient > handler 7\n"
         "handler > DynamoDB/AWS::DynamoDB 1\n"},
        {"a lone call",
         {call("b", "pay", 1, 8, alone_below("77"))},
         "\npay/remote ^~7\nclient > pay/remote 7\n"},
        {"a lone call with its callee",
         {call("b", "pay:80", 1, 8, alone_below("77")), node("c", "pay", 2, 7, below("b"))},
         "\npay ^5\nclient > pay 7\n"},
        {"in progress: so far",
         {node("a", "shop", 0, kOpen, nested({call("b", "pay", 1, 8)}))},
         "\nshop ^*8\npay/remote ~7\nclient > shop 8\nshop > pay/remote 7\n"},
        {"nothing", {}, "\n"},
    };
    for (const Example& example : examples) {
      CAPTURE(example.says);
      CHECK(graph(digest_of(example.documents)) == example.graph);
    }
  }

  TEST_CASE("a trace is complete when nothing more is to be waited for") {
    const std::string traced = R"("http":{"request":{"traced":true})";
    struct Case {
      const char* says;
      std::vector<std::string> documents;
      bool is_complete;
    };
    const std::vector<Case> cases = {
        {"one segment", {node("a", "a", 0, 1)}, true},
        {"nothing", {}, false},
        {"a segment in progress", {node("a", "a", 0, kOpen)}, false},
        {"a subsegment in progress",
         {node("a", "a", 0, 1, nested({node("b", "b", 0, kOpen)}))},
         false},
        {"somebody waits", {node("a", "a", 0, 1), node("b", "b", 0, 1, below("77"))}, false},
        {"a callee whose caller may yet come", {node("b", "b", 0, 1, below("77"))}, false},
        {"a lone subsegment", {node("b", "b", 0, 1, R"("type":"subsegment")")}, false},
        {"a call", {node("a", "a", 0, 9, nested({call("b", "b", 1, 2)}))}, true},
        {"a traced call",
         {node("a", "a", 0, 9,
               nested({call("b", "b", 1, 2, traced + R"(,"response":{"status":200}})")}))},
         false},
        {"a traced call as Node writes it",
         {node("a", "a", 0, 9, nested({call("b", "b", 1, 2, R"("traced":true)")}))},
         false},
        {"a traced call and its callee",
         {node("a", "a", 0, 9, nested({call("b", "b", 1, 2, traced + "}")})),
          node("c", "c", 1, 2, below("b"))},
         true},
        {"a traced call that reached nobody",
         {node("a", "a", 0, 9, nested({call("b", "b", 1, 2, R"("fault":true,)" + traced + "}")}))},
         true},
    };
    for (const Case& one : cases) {
      CAPTURE(one.says);
      CHECK(digest_of(one.documents).is_complete == one.is_complete);
    }
  }

  TEST_CASE("failures are told where they began") {
    const std::string thrown =
        R"("fault":true,"cause":{"exceptions":[{"type":"Timeout","message":"too late"},{}]})";
    const TraceDigest digest = digest_of(
        {node("a", "shop", 0, 9,
              R"("fault":true,)" +
                  nested({call("b", "pay", 1, 8, R"("fault":true)"),
                          call("d", "bank", 1, 2, nested({node("e", "dial", 1, 2, thrown)})),
                          call("f", "post", 2, 3, R"("error":true,"throttle":true)"),
                          call("8", "mail", 2, 3, R"("error":true)"),
                          call("9", "mail", 4, 5, R"("error":true)")})),
         node("c", "pay", 2, 7, R"("fault":true,)" + below("b"))});

    CHECK(causes(digest) ==
          "\nf > shop > pay: pay\nf > shop > bank/remote: dial Timeout too late\n"
          "t > shop > post/remote: post (remote)\ne > shop > mail/remote: mail (remote)\n");
    CHECK(digest.flags == Flags{.error = true, .throttle = true, .fault = true});
    const auto failing = [&thrown](int from, int to, int alike) {
      std::vector<std::string> many;
      for (int i = from; i < to; ++i)
        many.push_back(node(std::to_string(i), std::to_string(i / alike), i, 9999, thrown));
      return digest_of({node("1", "a", 0, 1, nested(many))}).root_causes.size();
    };
    CHECK(failing(10, 99, 1) == 20);
    CHECK(failing(1000, 3100, 3090) == 1);
    CHECK(digest_of({node("1", "a", 0, 1)}).root_causes.empty());
  }

  TEST_CASE("a long message of a cause is cut between characters") {
    std::string message;
    while (message.size() < 700) message += "\xE2\x82\xAC";
    const TraceDigest digest = digest_of(
        {node("a", "a", 0, 1,
              R"("fault":true,"cause":{"exceptions":[{"message":")" + message + R"("}]})")});

    CHECK(digest.root_causes.at(0).message == message.substr(0, 498));
  }

  TEST_CASE("what filters ask for is kept, each once and in order") {
    const std::string ec2 =
        R"("aws":{"account_id":"123","ec2":{"instance_id":"i-1","availability_zone":"z1"}})";
    const std::string more = R"("user":"ann","resource_arn":"arn:1",)" + ec2;
    const TraceDigest digest = digest_of(
        {node("a", "shop", 0, 4,
              R"("http":{"request":{"method":"GET","url":"http://h/p","user_agent":"curl",
                 "client_ip":"10.0.0.1"},"response":{"status":200}},
                 "annotations":{"b":true,"a":"x","n":1.5,"nan":NaN,"none":null,"list":[1]},)" +
                  more + "," +
                  nested({call("b", "pay", 1, 3, R"("annotations":{"a":"x","n":2})")})),
         node("c", "pay", 1, 6, R"("annotations":{"a":"x"},)" + more + "," + below("b"))});

    CHECK(digest.method == "GET");
    CHECK(digest.url == "http://h/p");
    CHECK(digest.user_agent == "curl");
    CHECK(digest.client_ip == "10.0.0.1");
    CHECK(digest.status == 200);
    CHECK(digest.start == kEpoch);
    CHECK(digest.duration == 6);
    CHECK(digest.response_time == 4);
    CHECK(digest.segments == 2);
    CHECK(digest.subsegments == 1);
    CHECK(name_of(digest, digest.entry) == "shop");
    CHECK(digest.services.at(0).account == "123");
    CHECK(digest.users == std::vector<std::string>{"ann"});
    CHECK(digest.resource_arns == std::vector<std::string>{"arn:1"});
    CHECK(digest.instance_ids == std::vector<std::string>{"i-1"});
    CHECK(digest.zones == std::vector<std::string>{"z1"});
    std::string text;
    for (const DigestAnnotation& one : digest.annotations) {
      text += one.key + "@" + name_of(digest, one.service) + "#" +
              std::to_string(one.value.index()) + " ";
    }
    CHECK(text == "a@shop#0 a@pay#0 b@shop#2 n@shop#1 n@shop#1 ");
    CHECK(std::get<double>(digest.annotations[3].value) == 1.5);
    CHECK(std::get<double>(digest.annotations[4].value) == 2);
  }

  TEST_CASE("an annotation of nobody's segment is the entry's") {
    const TraceDigest digest =
        digest_of({node("a", "shop", 0, 9),
                   node("b", "work", 1, 2, R"("annotations":{"k":1},)" + alone_below("77"))});

    CHECK(name_of(digest, digest.annotations.at(0).service) == "shop");
    CHECK(digest.waiting == 1);
  }

  TEST_CASE("a digest says whose trace it is, and what of it the service would refuse") {
    const std::string id = "1-65a0b1c2-0123456789abcdef01234567";
    const std::string trace = R"("trace_id":")" + id + "\"";
    TraceStore store(StoreLimits{});
    store.add(node("a", "shop", 0, 9, trace), Door::udp, WallTime{});
    store.add(node("b", "what?!", 1, 8, trace + "," + below("a")), Door::udp, WallTime{});
    const TraceDigest& digest = store.digest(*store.find(*TraceId::parse(id)));

    CHECK(digest.id.text() == id);
    CHECK(digest.segments == 2);
    CHECK(digest.refused == 1);
  }

  TEST_CASE("documents of the SDKs are traces of one service and the one it called") {
    for (const std::string name : {"go", "node", "python"}) {
      CAPTURE(name);
      const std::vector<std::string> documents = {sdk_document(name)};
      const TraceDigest digest = digest_of(documents);
      CHECK(digest.is_complete);
      CHECK(digest.duplicates == 0);
      CHECK(digest.duration >= 0);
      CHECK(digest.duration < 0.001);
      REQUIRE(digest.visits.size() == 2);
      CHECK(name_of(digest, digest.visits[0].service) == "bench-" + name);
      CHECK(name_of(digest, digest.visits[1].service) == "api.example.com/remote");
      CHECK(digest.visits[1].status == 200);
      CHECK(digest.bytes() > sizeof digest);
      CHECK(digest.bytes() < 1500);
    }
  }
}

}  // namespace trace_digest_test
