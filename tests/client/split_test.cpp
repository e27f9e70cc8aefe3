#include <algorithm>

#include "many_calls.h"
#include "specimens.h"
#include "support/tls_host.h"

namespace xtrace::split_test {

using testing::coded_specimens;
using testing::framed_specimens;
using testing::ManyCalls;
using testing::Script;
using testing::Specimen;

namespace {

struct SplitFixture : ManyCalls {
  SplitFixture() { config.decoding.is_on = true; }

  Request request_for(const Specimen& specimen) const {
    Request what = request("/" + std::to_string(specimen.bytes.size()));
    what.method = specimen.method;
    return what;
  }

  const Exchange& exchange_of(const Specimen& specimen) { return exchange(request_for(specimen)); }

  void check_whole(const Specimen& specimen, const Exchange& done) {
    REQUIRE_FALSE(done.error.has_value());
    CHECK(done.response->status == specimen.status);
    CHECK(done.response->body == specimen.body);
    CHECK(done.timeline.interim_count == specimen.interims);
    CHECK(done.past.empty());
  }

  /// Sends the answer in two pieces, cut at each of its bytes in turn.
  void split_everywhere(const Specimen& specimen) {
    const std::string& bytes = specimen.bytes;
    Script* script = nullptr;
    for (std::size_t at = 1; at < bytes.size(); ++at) {
      if (script == nullptr || !specimen.is_kept) script = &server.on_connection();
      script->expect_head().send(bytes.substr(0, at)).turn().send(bytes.substr(at));
      if (specimen.ends_with_connection) script->turn().close();
    }
    for (std::size_t at = 1; at < bytes.size(); ++at) {
      CAPTURE(at);
      const Exchange& done = exchange_of(specimen);
      check_whole(specimen, done);
      CHECK(done.timeline.reused == (specimen.is_kept && at > 1));
      check_sums();
    }
    const std::size_t splits = bytes.size() - 1;
    CHECK(server.connections() == (specimen.is_kept ? 1 : splits));
    CHECK(counts().idle == (specimen.is_kept ? 1 : 0));
  }

  void send_byte_by_byte(const Specimen& specimen) {
    Script& script = server.on_connection().expect_head().turn().send_split(specimen.bytes);
    if (specimen.ends_with_connection) script.turn().close();
    check_whole(specimen, exchange_of(specimen));
    CHECK(counts().idle == (specimen.is_kept ? 1 : 0));
    check_sums();
  }
};

}  // namespace

TEST_SUITE("client/split") {
  TEST_CASE("an answer is the same when it is split at any byte") {
    for (const Specimen& specimen : framed_specimens()) {
      CAPTURE(specimen.name);
      SplitFixture fixture;
      fixture.split_everywhere(specimen);
    }
  }

  TEST_CASE("a coded answer is the same when it is split at any byte") {
    for (const Specimen& specimen : coded_specimens()) {
      CAPTURE(specimen.name);
      SplitFixture fixture;
      fixture.split_everywhere(specimen);
    }
  }

  TEST_CASE("an answer is the same when it comes byte by byte") {
    std::vector<Specimen> specimens = framed_specimens();
    for (Specimen& specimen : coded_specimens()) specimens.push_back(std::move(specimen));
    for (const Specimen& specimen : specimens) {
      CAPTURE(specimen.name);
      SplitFixture fixture;
      fixture.send_byte_by_byte(specimen);
    }
  }

  TEST_CASE_FIXTURE(SplitFixture, "a redirect is followed wherever it is split") {
    const std::string redirect =
        "HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 4\r\n\r\nbody";
    Script& script = server.on_connection();
    for (std::size_t at = 1; at < redirect.size(); ++at) {
      script.expect_head().send(redirect.substr(0, at)).turn().send(redirect.substr(at));
      script.expect_head().send(testing::kOk);
    }
    for (std::size_t at = 1; at < redirect.size(); ++at) {
      CAPTURE(at);
      const Exchange& done = get();
      REQUIRE_FALSE(done.error.has_value());
      CHECK(done.response->status == 200);
      CHECK(done.past.size() == 1);
      CHECK(done.led_to->second.path() == "/next");
    }
    CHECK(server.connections() == 1);
    check_sums();
  }

  TEST_CASE_FIXTURE(SplitFixture, "100 Continue releases the body wherever it is split") {
    const std::string go_on = "HTTP/1.1 100 Continue\r\nX-A: b\r\n\r\n";
    Script& script = server.on_connection();
    for (std::size_t at = 1; at < go_on.size(); ++at) {
      script.expect_head().send(go_on.substr(0, at)).turn().send(go_on.substr(at));
      script.expect("payload").send(testing::kOk);
    }
    for (std::size_t at = 1; at < go_on.size(); ++at) {
      CAPTURE(at);
      Request post = request();
      post.method = "POST";
      post.body = "payload";
      post.headers.add("Expect", "100-continue");
      const Exchange& done = exchange(std::move(post));
      REQUIRE_FALSE(done.error.has_value());
      CHECK(done.timeline.interim_count == 1);
      CHECK(done.timeline.request_body_bytes == 7);
    }
    CHECK(server.connections() == 1);
  }
}

}  // namespace xtrace::split_test
