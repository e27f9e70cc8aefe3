#include "instrument/prometheus_names.h"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace xtrace::prometheus_names_test {

namespace {

using Kind = MetricInfo::Kind;
using Unit = MetricInfo::Unit;

std::string name_of(std::string_view name, Kind kind, Unit unit) {
  return prometheus_name({.name = name, .kind = kind, .unit = unit});
}

MetricTags labels_of(const std::vector<MetricTag>& tags) {
  return prometheus_labels(tags);
}

}  // namespace

TEST_SUITE_BEGIN("instrument/prometheus_names");

TEST_CASE("a name says its unit, and a counter that it is one") {
  CHECK(name_of("toolkit.http.client.request.time", Kind::histogram, Unit::milliseconds) ==
        "toolkit_http_client_request_time_seconds");
  CHECK(name_of("pool.idle", Kind::gauge, Unit::none) == "pool_idle");
  CHECK(name_of("emitter.sent", Kind::counter, Unit::bytes) == "emitter_sent_bytes_total");
  CHECK(name_of("waited", Kind::counter, Unit::milliseconds) == "waited_seconds_total");
}

TEST_CASE("a name that says so already does not say it twice") {
  CHECK(name_of("wait_seconds", Kind::histogram, Unit::milliseconds) == "wait_seconds");
  CHECK(name_of("sent.bytes", Kind::gauge, Unit::bytes) == "sent_bytes");
  CHECK(name_of("sent.total", Kind::counter, Unit::bytes) == "sent_bytes_total");
  CHECK(name_of("retries_total", Kind::counter, Unit::none) == "retries_total");
}

TEST_CASE("a name holds letters, digits, colons and underscores, and no digit in front") {
  CHECK(name_of("a-b/c d:e", Kind::gauge, Unit::none) == "a_b_c_d:e");
  CHECK(name_of("9lives", Kind::gauge, Unit::none) == "_9lives");
  CHECK(name_of("\xc3\xa9", Kind::gauge, Unit::none) == "__");
  CHECK(name_of("", Kind::gauge, Unit::none) == "_");
}

TEST_CASE("a help is one line without backslashes") {
  CHECK(prometheus_help({.name = "a", .help = "One\ntwo \\ \"three\" \xff"}) ==
        "One two / \"three\" \xEF\xBF\xBD");
}

TEST_CASE("labels are sorted, valid and one of each name") {
  CHECK(labels_of({{"b", "2"}, {"a.b", "1"}}) == MetricTags{{"a_b", "1"}, {"b", "2"}});
  CHECK(labels_of({{"a-b", "2"}, {"c", "3"}, {"a.b", "1"}}) ==
        labels_of({{"a.b", "1"}, {"a-b", "2"}, {"c", "3"}}));
  CHECK(labels_of({{"a.b", "1"}, {"a-b", "2"}}) == MetricTags{{"a_b", "2;1"}});
  CHECK(labels_of({{"a:b", "1"}, {"1st", "x"}}) == MetricTags{{"_1st", "x"}, {"a_b", "1"}});
}

TEST_CASE("a label that Prometheus keeps for itself gets another name") {
  CHECK(labels_of({{"le", "1"}, {"quantile", "2"}, {"__name__", "3"}}) ==
        MetricTags{{"exported___name__", "3"}, {"exported_le", "1"}, {"exported_quantile", "2"}});
}

TEST_CASE("a label without a value is none, and broken UTF-8 is replaced") {
  CHECK(labels_of({{"a", ""}, {"", "b"}, {"c", "\xff"}}) == MetricTags{{"c", "\xEF\xBF\xBD"}});
}

TEST_CASE("latencies of loopback and of a network nearby fall into buckets of their own") {
  const auto bucket_of = [](double seconds) {
    const auto bounds = prometheus_buckets(Unit::milliseconds);
    return std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin();
  };
  CHECK(bucket_of(40e-6) < bucket_of(100e-6));
  CHECK(bucket_of(100e-6) < bucket_of(200e-6));
  CHECK(bucket_of(200e-6) < bucket_of(500e-6));
  CHECK(bucket_of(500e-6) < bucket_of(1e-3));
}

TEST_CASE("bounds rise, those of times by a factor of 2.5 at most") {
  for (const Unit unit : {Unit::none, Unit::milliseconds, Unit::bytes}) {
    const auto bounds = prometheus_buckets(unit);
    for (std::size_t i = 1; i < bounds.size(); ++i) {
      CHECK(bounds[i - 1] < bounds[i]);
      if (unit == Unit::milliseconds) CHECK(bounds[i] <= bounds[i - 1] * 2.5001);
    }
  }
}

TEST_SUITE_END();

}  // namespace xtrace::prometheus_names_test
