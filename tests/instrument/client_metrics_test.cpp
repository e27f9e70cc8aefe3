#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/client_metrics.h>

#include "client_metrics_literals.h"
#include "instrument/client_metrics_cache.h"
#include "instrument/client_metrics_list.h"
#include "support/recording_sink.h"

namespace xtrace::testing::client_metrics_test {
namespace {

const std::string kToolkit = "toolkit.http.client.";

struct MetricsFixture {
  RecordingSink sink;
  ClientMetrics metrics{sink, {.with_client_trace_metrics = true}};
  Url url = Url::parse("https://shop.example/cart?secret=1").value();

  void record(const Exchange& exchange) { metrics.record("shop", "GET", url, exchange); }
  double value(const std::string& key) const { return sink.value(kToolkit + key); }
  std::vector<std::string> recorded() const {
    std::vector<std::string> names = sink.recorded(kToolkit);
    for (std::string& name : names) name.erase(0, kToolkit.size());
    return names;
  }
};

TEST_SUITE("instrument/client_metrics") {
  TEST_CASE_FIXTURE(MetricsFixture, "a request on a new connection is measured eight times") {
    record(exchange_of(answered(connected())));
    CHECK(value("dns.time{status=ok,target_id=shop}") == 3);
    CHECK(value("tcp_connect.time{status=ok,target_id=shop}") == 7);
    CHECK(value("tls_handshake.time{status=ok,target_id=shop}") == 18);
    CHECK(value("got_connection.time{reused=false,target_id=shop}") == 30);
    CHECK(value("request_written.time{method=GET,reused=false,status=ok,target_id=shop}") == 35);
    CHECK(value("response_first_byte.time{method=GET,reused=false,target_id=shop}") == 50);
    const std::string tags = "{method=GET,reused=false,status=200,status_class=2xx,target_id=shop}";
    CHECK(value("request.time" + tags) == 53);
    CHECK(value("response_fully_read.time" + tags) == 80);
    CHECK(sink.recorded().size() == 8);
  }

  TEST_CASE_FIXTURE(MetricsFixture, "a reused connection has no lookup, dial and handshake") {
    record(exchange_of(answered(lent())));
    CHECK(recorded() ==
          std::vector<std::string>{
              "got_connection.time{reused=true,target_id=shop}",
              "request.time{method=GET,reused=true,status=200,status_class=2xx,target_id=shop}",
              "request_written.time{method=GET,reused=true,status=ok,target_id=shop}",
              "response_first_byte.time{method=GET,reused=true,target_id=shop}",
              "response_fully_read.time{method=GET,reused=true,status=200,status_class=2xx,"
              "target_id=shop}"});
    CHECK(value("got_connection.time{reused=true,target_id=shop}") == 4);
  }

  TEST_CASE_FIXTURE(MetricsFixture, "a connection that another request dialled has no dial here") {
    Timeline timeline = lent();
    timeline.reused = false;
    timeline.left_dial = true;
    record(exchange_of(answered(timeline)));
    CHECK(value("got_connection.time{reused=false,target_id=shop}") == 4);
    CHECK(recorded().size() == 5);
  }

  TEST_CASE_FIXTURE(MetricsFixture, "times are rounded to the microsecond") {
    using std::chrono::nanoseconds;
    Exchange exchange = exchange_of(answered(lent()));
    exchange.timeline.set(Phase::queue, {Duration::zero(), nanoseconds(1'234'499), Outcome::ok});
    exchange.timeline.head_read = nanoseconds(53'000'501);
    exchange.timeline.total = nanoseconds(499);
    record(exchange);
    const std::string tags = "{method=GET,reused=true,status=200,status_class=2xx,target_id=shop}";
    CHECK(value("got_connection.time{reused=true,target_id=shop}") == 1.234);
    CHECK(value("request.time" + tags) == 53.001);
    CHECK(value("response_fully_read.time" + tags) == 0);
  }

  TEST_CASE("all that a request gives is recorded at once") {
    struct CountingSink final : MetricsSink, MetricSeries {
      MetricSeries& series(const MetricInfo&, std::span<const MetricTag>) override { return *this; }
      void record(double) noexcept override { ++singles; }
      void record_all(std::span<const MetricValue> values) noexcept override {
        rows.push_back(values.size());
      }
      int singles = 0;
      std::vector<std::size_t> rows;
    };
    CountingSink sink;
    ClientMetrics metrics(sink, {.with_client_trace_metrics = true});
    const Url url = Url::parse("http://shop.example/").value();
    for (const Timeline& timeline : {connected(), lent()}) {
      metrics.record("shop", "GET", url, exchange_of(answered(timeline)));
    }
    CHECK(sink.rows == std::vector<std::size_t>{8, 5});
    CHECK(sink.singles == 0);
  }

  TEST_CASE("without client trace metrics request.time is all there is") {
    RecordingSink sink;
    ClientMetrics metrics(sink);
    const Url url = Url::parse("http://shop.example/").value();
    metrics.record("shop", "GET", url, exchange_of(answered(connected())));
    Timeline failed = connected();
    end_with(failed, Error::Code::tls_handshake, Phase::tls, 30);
    metrics.record("shop", "GET", url, exchange_of(failed, 0));
    CHECK(sink.recorded() ==
          std::vector<std::string>{
              kToolkit + "request.time{method=GET,reused=false,status=200,status_class=2xx,"
                         "target_id=shop}",
              kToolkit + "request.time{method=GET,reused=false,status=error,status_class=error,"
                         "target_id=shop}"});
  }

  TEST_CASE_FIXTURE(MetricsFixture, "times are histograms in milliseconds") {
    record(exchange_of(answered(connected())));
    for (const std::string& key : sink.recorded()) {
      CHECK(sink.info(key).kind == MetricInfo::Kind::histogram);
      CHECK(sink.info(key).unit == MetricInfo::Unit::milliseconds);
      CHECK_FALSE(sink.info(key).help.empty());
    }
  }

  TEST_CASE_FIXTURE(MetricsFixture, "a status has its class") {
    for (const int status : {200, 204, 301, 404, 429, 500, 503, 999}) {
      CAPTURE(status);
      record(exchange_of(answered(lent()), status));
      const std::string text = std::to_string(status);
      const std::string tags = "{method=GET,reused=true,status=" + text +
                               ",status_class=" + text.front() + "xx,target_id=shop}";
      CHECK(value("request.time" + tags) == 53);
      CHECK(value("response_fully_read.time" + tags) == 80);
    }
  }

  TEST_CASE_FIXTURE(MetricsFixture, "the first byte is that of the first interim head") {
    Timeline timeline = answered(lent());
    timeline.interims[0] = {.status = 100, .at = milliseconds(33)};
    timeline.interims[1] = {.status = 103, .at = milliseconds(40)};
    timeline.interim_count = 2;
    record(exchange_of(timeline));
    CHECK(value("response_first_byte.time{method=GET,reused=true,target_id=shop}") == 33);
  }

  TEST_CASE_FIXTURE(MetricsFixture, "an upload that an early answer ended was never written") {
    Timeline timeline = answered(lent());
    timeline.early_response = true;
    timeline.set(Phase::request, span(30, 80, Outcome::abandoned));
    record(exchange_of(timeline, 413));
    CHECK(sink.recorded(kToolkit + "request_written").empty());
    CHECK(value("response_first_byte.time{method=GET,reused=true,target_id=shop}") == 50);
  }

  TEST_CASE_FIXTURE(MetricsFixture, "all addresses of a dial are one TCP dial") {
    Timeline timeline = answered(connected());
    timeline.dials[1] = {.address = Address::from_ipv4({10, 0, 0, 2}, 443), .span = span(8, 14)};
    timeline.dials[0].span = span(5, 14, Outcome::abandoned);
    timeline.dial_count = 2;
    record(exchange_of(timeline));
    CHECK(value("tcp_connect.time{status=ok,target_id=shop}") == 9);
  }

  TEST_CASE_FIXTURE(MetricsFixture, "a Unix socket is not dialled over TCP") {
    Timeline timeline = connected();
    timeline.dials[0].address = Address::from_path("/run/shop.sock").value();
    record(exchange_of(answered(timeline)));
    CHECK(sink.recorded(kToolkit + "tcp_connect").empty());
    CHECK(value("got_connection.time{reused=false,target_id=shop}") == 30);
  }

  TEST_CASE_FIXTURE(MetricsFixture, "without a target the host and port stand for it") {
    const struct {
      const char* url;
      const char* target;
    } kCases[] = {
        {"http://shop.example/a/b?c=d", "shop.example:80"},
        {"https://shop.example/", "shop.example:443"},
        {"http://user:word@shop.example:8080/", "shop.example:8080"},
        {"http://[::1]:99/", "[::1]:99"},
    };
    for (const auto& c : kCases) {
      metrics.record({}, "GET", Url::parse(c.url).value(), exchange_of(answered(lent())));
      CHECK(value(std::string("got_connection.time{reused=true,target_id=") + c.target + "}") == 4);
    }
  }

  TEST_CASE_FIXTURE(MetricsFixture, "requests that are alike ask the sink once") {
    const auto record_all = [this] {
      for (const char* target : {"shop", "bank"}) {
        for (const char* method : {"GET", "PUT"}) {
          for (const int status : {200, 503}) {
            metrics.record(target, method, url, exchange_of(answered(connected()), status));
            metrics.record(target, method, url, exchange_of(answered(lent()), status));
          }
        }
      }
    };
    record_all();
    const std::size_t asked = sink.lookups();
    record_all();
    CHECK(sink.lookups() == asked);
    CHECK(sink.values(kToolkit + "got_connection.time{reused=true,target_id=bank}").size() == 8);
  }

  TEST_CASE_FIXTURE(MetricsFixture, "more targets than are kept are measured all the same") {
    constexpr std::size_t kMany = SeriesCache<int>::kMostRows + 10;
    for (std::size_t i = 0; i < kMany; ++i) {
      metrics.record(std::to_string(i), "GET", url, exchange_of(answered(lent())));
    }
    for (const std::size_t i : {std::size_t{0}, kMany - 1}) {
      metrics.record(std::to_string(i), "GET", url, exchange_of(answered(lent())));
      const std::string tags = "{reused=true,target_id=" + std::to_string(i) + "}";
      CHECK(sink.values(kToolkit + "got_connection.time" + tags) == std::vector<double>{4, 4});
    }
  }
}

}  // namespace
}  // namespace xtrace::testing::client_metrics_test
