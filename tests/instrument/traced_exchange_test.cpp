#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <xtrace/traced_exchange.h>

namespace xtrace::traced_exchange_test {

using nlohmann::json;
using std::chrono::milliseconds;

namespace {

constexpr double kStart = 1763685600.0;

Timeline https_timeline() {
  const Address address = Address::from_ipv4({203, 0, 113, 7}, 443);
  Timeline timeline;
  timeline.started.wall = WallTime(std::chrono::seconds(1763685600));
  timeline.set(Phase::queue, {Duration::zero(), milliseconds(1), Outcome::ok});
  timeline.set(Phase::dns_wait, {milliseconds(1), milliseconds(3), Outcome::ok});
  timeline.set(Phase::dns, {milliseconds(3), milliseconds(13), Outcome::ok});
  timeline.dns = DnsFacts{
      .host = "api.example.com", .addresses = {address}, .coalesced = false, .resolver = "system"};
  timeline.dials[0] = {.address = address,
                       .span = {milliseconds(13), milliseconds(33), Outcome::ok},
                       .error = std::nullopt};
  timeline.dial_count = 1;
  timeline.set(Phase::tls, {milliseconds(33), milliseconds(73), Outcome::ok});
  timeline.tls = TlsInfo{.version = "TLSv1.2",
                         .cipher = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                         .alpn = "http/1.1",
                         .verified = true};
  timeline.set(Phase::connect, {milliseconds(1), milliseconds(73), Outcome::ok});
  timeline.set(Phase::request, {milliseconds(73), milliseconds(74), Outcome::ok});
  timeline.set(Phase::response, {milliseconds(74), milliseconds(174), Outcome::ok});
  timeline.set(Phase::body, {milliseconds(174), milliseconds(180), Outcome::ok});
  timeline.local = Address::from_ipv4({10, 0, 0, 2}, 41000);
  timeline.remote = address;
  timeline.total = milliseconds(180);
  return timeline;
}

Exchange answered(int status) {
  Exchange exchange{.response = Response{}, .error = std::nullopt, .timeline = https_timeline()};
  exchange.response->status = status;
  exchange.response->content_length = 1256;
  return exchange;
}

/// The document of a segment with this exchange as its only child.
json record(const Exchange& exchange, const RecordOptions& options = {}) {
  Request request(Url::parse("https://user:secret@api.example.com/v1?token=abc").value());
  Segment segment = Segment::begin("test", {.start = exchange.timeline.started.wall});
  Subsegment remote =
      segment.begin_subsegment(remote_name(request.url), {.start = exchange.timeline.started.wall});
  record_exchange(remote, request, exchange, options);
  segment.end(exchange.timeline.started.wall + exchange.timeline.total);
  return json::parse(segment.documents().documents.at(0));
}

const json& child(const json& parent, std::string_view name) {
  for (const json& subsegment : parent.at("subsegments")) {
    if (subsegment.at("name") == name) return subsegment;
  }
  FAIL("no subsegment named " << std::string(name) << " in " << parent.dump());
  return parent;
}

bool is_flagged(const json& node, const char* flag) {
  return node.value(flag, false);
}

}  // namespace

TEST_SUITE("instrument/traced_exchange") {
  TEST_CASE("a new TLS connection becomes the tree of the AWS SDK for Go, with a body beside it") {
    const json document = record(answered(200));
    const json& remote = child(document, "api.example.com");
    CHECK(remote.at("namespace") == "remote");
    CHECK(remote.at("http").at("request").at("method") == "GET");
    CHECK(remote.at("http").at("response").at("status") == 200);
    CHECK(remote.at("http").at("response").at("content_length") == 1256);
    CHECK(remote.at("end_time").get<double>() == doctest::Approx(kStart + 0.180).epsilon(1e-12));

    const json& connect = child(remote, "connect");
    CHECK(connect.at("subsegments").size() == 3);
    CHECK(child(connect, "dns").at("metadata").at("http").at("dns").at("addresses") ==
          json::array({"203.0.113.7"}));
    CHECK(child(connect, "dns").at("metadata").at("http").at("dns").at("queued_ms") == 2.0);
    CHECK(child(connect, "dial").at("metadata").at("http").at("connect").at("network") == "tcp4");
    CHECK(child(connect, "tls").at("metadata").at("http").at("tls").at("negotiated_protocol") ==
          "http/1.1");
    const json& response = child(remote, "response");
    CHECK(response.at("start_time").get<double>() ==
          doctest::Approx(kStart + 0.074).epsilon(1e-12));
    CHECK(response.at("end_time").get<double>() == doctest::Approx(kStart + 0.174).epsilon(1e-12));
    CHECK(child(remote, "body").at("end_time").get<double>() ==
          doctest::Approx(kStart + 0.180).epsilon(1e-12));
    CHECK(child(remote, "request").contains("id"));
  }

  TEST_CASE("neither query nor userinfo is recorded anywhere, unless asked for") {
    const std::string text = record(answered(200)).dump();
    CHECK(text.find("token") == std::string::npos);
    CHECK(text.find("secret") == std::string::npos);
    const json open = record(answered(200), {.redact = false});
    CHECK(child(open, "api.example.com").at("http").at("request").at("url") ==
          "https://api.example.com/v1?token=abc");
  }

  TEST_CASE("a status sets X-Ray's flags on the request and on no phase") {
    const json throttled = child(record(answered(429)), "api.example.com");
    CHECK(is_flagged(throttled, "error"));
    CHECK(is_flagged(throttled, "throttle"));
    CHECK_FALSE(is_flagged(throttled, "fault"));
    const json missing = child(record(answered(404)), "api.example.com");
    CHECK(is_flagged(missing, "error"));
    const json failed = child(record(answered(503)), "api.example.com");
    CHECK(is_flagged(failed, "fault"));
    CHECK_FALSE(is_flagged(child(failed, "response"), "fault"));
    CHECK_FALSE(is_flagged(child(failed, "connect"), "fault"));
  }

  TEST_CASE(
      "a failed handshake is a fault with its cause in tls, connect and request, not in dial") {
    Exchange exchange = answered(200);
    exchange.response.reset();
    exchange.error = Error{Error::Code::cert_expired, Phase::tls, "certificate of h expired"};
    Timeline& timeline = exchange.timeline;
    timeline = Timeline{};
    timeline.started = https_timeline().started;
    timeline.dials[0] = https_timeline().dials[0];
    timeline.dial_count = 1;
    timeline.set(Phase::tls, {milliseconds(33), milliseconds(40), Outcome::error});
    timeline.set(Phase::connect, {milliseconds(13), milliseconds(40), Outcome::error});
    timeline.error = exchange.error;
    timeline.total = milliseconds(40);

    const json remote = child(record(exchange), "api.example.com");
    CHECK(is_flagged(remote, "fault"));
    CHECK_FALSE(remote.at("http").contains("response"));
    const json& connect = child(remote, "connect");
    CHECK(is_flagged(connect, "fault"));
    CHECK_FALSE(is_flagged(child(connect, "dial"), "fault"));
    const json& cause = child(connect, "tls").at("cause").at("exceptions").at(0);
    CHECK(cause.at("type") == "cert_expired");
    CHECK(cause.at("message") == "certificate of h expired");
    CHECK(remote.at("subsegments").size() == 1);
  }

  TEST_CASE(
      "the loser of a race is no fault, a refused address that another made good is its own") {
    Exchange exchange = answered(200);
    Timeline& timeline = exchange.timeline;
    const Address six = Address::from_ip("2001:db8::5", 443).value();
    timeline.dials[1] = timeline.dials[0];
    timeline.dials[0] = {.address = six,
                         .span = {milliseconds(13), milliseconds(33), Outcome::abandoned},
                         .error = std::nullopt};
    timeline.dials[2] = {
        .address = six,
        .span = {milliseconds(13), milliseconds(14), Outcome::error},
        .error = Error{Error::Code::connect_refused, Phase::dial, "connect refused"}};
    timeline.dial_count = 3;
    const json document = record(exchange);
    const json& connect = child(child(document, "api.example.com"), "connect");
    const json& dials = connect.at("subsegments");
    REQUIRE(dials.size() == 5);
    CHECK_FALSE(is_flagged(dials.at(1), "fault"));
    CHECK(dials.at(1).at("metadata").at("http").at("connect").at("outcome") == "abandoned");
    CHECK_FALSE(is_flagged(dials.at(2), "fault"));
    CHECK(is_flagged(dials.at(3), "fault"));
    CHECK_FALSE(is_flagged(connect, "fault"));
  }

  TEST_CASE("a reused connection has no connect subsegment and tells how long it was idle") {
    Exchange exchange = answered(200);
    Timeline reused;
    reused.started = exchange.timeline.started;
    reused.reused = true;
    reused.idle_time = milliseconds(1500);
    reused.set(Phase::request, {Duration::zero(), milliseconds(1), Outcome::ok});
    reused.total = milliseconds(1);
    exchange.timeline = reused;
    const json remote = child(record(exchange), "api.example.com");
    CHECK(remote.at("subsegments").size() == 1);
    CHECK(remote.at("metadata").at("http").at("connection").at("idle_ms") == 1500.0);
  }

  TEST_CASE("a lookup that never got a thread shows its wait as the failed dns") {
    Exchange exchange;
    exchange.error = Error{Error::Code::dns_timeout, Phase::dns_wait, "timed out"};
    exchange.timeline.started = https_timeline().started;
    exchange.timeline.dns =
        DnsFacts{.host = "h", .addresses = {}, .coalesced = false, .resolver = "system"};
    exchange.timeline.set(Phase::dns_wait, {Duration::zero(), milliseconds(9), Outcome::timeout});
    exchange.timeline.set(Phase::connect, {Duration::zero(), milliseconds(9), Outcome::timeout});
    exchange.timeline.total = milliseconds(9);
    exchange.timeline.error = exchange.error;
    const json document = record(exchange);
    const json& dns = child(child(child(document, "api.example.com"), "connect"), "dns");
    CHECK(is_flagged(dns, "fault"));
    CHECK(dns.at("metadata").at("http").at("dns").at("queued_ms") == 9.0);
  }
}

}  // namespace xtrace::traced_exchange_test
