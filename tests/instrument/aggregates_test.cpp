/// Every public struct can be written with the fields one has and no others. Where a field has no
/// default, -Wextra warns at each such place; here that is an error.

#include <doctest/doctest.h>

#include <xtrace/central_sampler.h>
#include <xtrace/client.h>
#include <xtrace/reliable_emitter.h>
#include <xtrace/segment.h>
#include <xtrace/traced_client.h>
#include <xtrace/traced_exchange.h>
#include <xtrace/udp_emitter.h>

#pragma GCC diagnostic error "-Wmissing-field-initializers"

namespace xtrace::aggregates_test {

TEST_SUITE("instrument/aggregates") {
  TEST_CASE("the options and results of a call may be given in part") {
    CHECK(ClientConfig{.family = AddressFamily::any}.unix_socket.empty());
    CHECK(Timeouts{.dns = std::chrono::seconds(1)}.total == Duration::zero());
    CHECK(TlsConfig{.ca_file = "ca.pem"}.key_file.empty());
    CHECK(ResolveOverride{.host = "*"}.addresses.empty());
    CHECK(ConnectToOverride{.to_port = 81}.to_host.empty());
    CHECK(!CallOptions{.trace = {}}.on_body);
    CHECK(!Exchange{.response = Response{.status = 200}}.error);
    CHECK(Exchange{.error = Error{.code = Error::Code::cancelled}}.error->message.empty());
    CHECK(Header{.name = "Accept"}.value.empty());
  }

  TEST_CASE("the settings of an emitter and of a sampler may be given in part") {
    CHECK(ReliableEmitterOptions{.batch_documents = 1}.kept_verdicts == 100);
    CHECK(DocumentVerdict{.id = "1"}.code.empty());
    CHECK(CentralSamplerConfig{.daemon = {}}.request_limit == std::chrono::seconds(2));
    CHECK(CentralSamplerStats{.rules = 1}.polls == 0);
  }

  TEST_CASE("hooks and what they are told may be given in part") {
    CHECK(!ClientTrace{.dns_start = [](std::string_view) {}}.got_conn);
    CHECK(!GotConnInfo{.reused = true}.remote.is_set());
    CHECK(DnsDoneInfo{.coalesced = true}.addresses.empty());
    CHECK(WroteRequestInfo{}.error == nullptr);
  }

  TEST_CASE("the parts of a timeline may be given in part") {
    CHECK(!Dial{.span = {}}.error);
    CHECK(DnsFacts{.host = "localhost"}.addresses.empty());
    CHECK(Interim{.status = 103}.at == Duration::zero());
    CHECK(Span{.end = Duration(1)}.length() == Duration(1));
    CHECK(TlsInfo{.version = "TLSv1.2"}.alpn.empty());
    CHECK(TimePoint{.wall = {}}.tick == Tick{});
  }

  TEST_CASE("the values of X-Ray may be given in part") {
    CHECK(TraceHeader{.sampled = Sampled::yes}.extra.empty());
    CHECK(TraceField{.key = "Lineage"}.value.empty());
    CHECK(!SegmentOptions{.id = SegmentId{}}.clock);
    CHECK(!SubsegmentOptions{.start = WallTime{}}.id);
    CHECK(!HttpRequestFacts{.url = "http://localhost/"}.is_traced);
    CHECK(!HttpResponseFacts{.status = 200}.content_length);
    CHECK(!Flags{.fault = true}.error);
    CHECK(RecordOptions{.sent = {}}.redact);
    CHECK(TracedClientOptions{.sends_traceparent = true}.redact);
    CHECK(DocumentLimits{.max_subsegments = 1}.bytes > 0);
    CHECK(DocumentSet{.counts = {.split = 1}}.documents.empty());
    CHECK(DaemonAddress{.tcp = {.port = 2001}}.udp.port == 2000);
    CHECK(EmitterStats{.sent = 1}.bytes == 0);
    CHECK(UdpEmitterOptions{}.queue_bytes > 0);
  }
}

}  // namespace xtrace::aggregates_test
