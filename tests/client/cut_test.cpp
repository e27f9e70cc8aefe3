#include <algorithm>

#include "many_calls.h"
#include "specimens.h"
#include "support/tls_host.h"

namespace xtrace::cut_test {

using testing::coded_specimens;
using testing::framed_specimens;
using testing::kOk;
using testing::ManyCalls;
using testing::Specimen;
using testing::TlsHost;

namespace {

enum class Cut { close, reset };

Request request_for(Request what, const Specimen& specimen) {
  what.method = specimen.method;
  return what;
}

/// Where the head of the final answer ends.
std::size_t end_of_head(const Specimen& specimen) {
  std::size_t end = 0;
  for (std::size_t i = 0; i <= specimen.interims; ++i)
    end = specimen.bytes.find("\r\n\r\n", end) + 4;
  return end;
}

/// What cutting an answer behind its first `at` bytes must come to.
void check_cut(const Specimen& specimen, std::size_t at, Cut cut, const Exchange& done) {
  const bool is_head_in = at >= end_of_head(specimen);
  if (specimen.ends_with_connection && is_head_in && cut == Cut::close) {
    CHECK_FALSE(done.error.has_value());
    CHECK(done.response->body == specimen.bytes.substr(0, at).substr(end_of_head(specimen)));
    return;
  }
  REQUIRE(done.error.has_value());
  const Error& error = *done.error;
  CHECK(done.response.has_value() == is_head_in);
  CHECK(done.timeline.find(error.phase)->outcome == Outcome::error);
  CHECK(done.past.empty());
  if (is_head_in) {
    CHECK(error.phase == Phase::body);
    CHECK(done.response->status == specimen.status);
    CHECK(specimen.body.starts_with(done.response->body));
  } else {
    CHECK((error.phase == Phase::response || error.phase == Phase::body));
  }
  using enum Error::Code;
  const Error::Code of_close = is_head_in ? body_cut : at == 0 ? empty_reply : head_cut;
  CHECK(error.code == (cut == Cut::reset ? receive_failed : of_close));
}

struct CutFixture : ManyCalls {
  CutFixture() { config.decoding.is_on = true; }

  testing::Script& cut_off(testing::Script& script, const std::string& bytes, Cut cut) {
    script.expect_head().send(bytes).turn();
    return cut == Cut::close ? script.close() : script.reset();
  }

  void cut_everywhere(const Specimen& specimen, Cut cut) {
    for (std::size_t at = 0; at < specimen.bytes.size(); ++at)
      cut_off(server.on_connection(), specimen.bytes.substr(0, at), cut);
    for (std::size_t at = 0; at < specimen.bytes.size(); ++at) {
      CAPTURE(at);
      check_cut(specimen, at, cut, exchange(request_for(request(), specimen)));
      CHECK(counts().total() == 0);
      check_sums();
    }
    CHECK(server.connections() == specimen.bytes.size());
  }
};

/// A TLS host for each cut; they share a certificate.
struct TlsCutFixture : testing::ClientFixture {
  const testing::Identity identity =
      testing::self_sign({.common_name = "a test", .addresses = {"127.0.0.1"}});

  TlsCutFixture() { config.tls.accept_any_certificate = true; }

  const Exchange& get_from(const TlsHost& host) {
    return exchange(Request(Url::parse("https://" + host.address().to_string() + "/").value()));
  }
};

}  // namespace

TEST_SUITE("client/cut") {
  TEST_CASE("an answer that is cut at any byte is an error or whole, and its connection gone") {
    for (const Specimen& specimen : framed_specimens()) {
      for (const Cut cut : {Cut::close, Cut::reset}) {
        CAPTURE(specimen.name);
        CAPTURE(static_cast<int>(cut));
        CutFixture fixture;
        fixture.cut_everywhere(specimen, cut);
      }
    }
  }

  TEST_CASE("a coded answer that is cut at any byte is never taken for whole") {
    for (const Specimen& specimen : coded_specimens()) {
      for (const Cut cut : {Cut::close, Cut::reset}) {
        CAPTURE(specimen.name);
        CAPTURE(static_cast<int>(cut));
        CutFixture fixture;
        fixture.cut_everywhere(specimen, cut);
      }
    }
  }

  TEST_CASE_FIXTURE(
      CutFixture, "a kept connection that is cut before the first byte is replaced, after it not") {
    const Specimen specimen = framed_specimens().front();
    Cut cut = Cut::close;
    SUBCASE("closed") {
      cut = Cut::close;
    }
    SUBCASE("reset") {
      cut = Cut::reset;
    }
    for (std::size_t at = 0; at < specimen.bytes.size(); ++at) {
      cut_off(server.on_connection().expect_head().send(kOk), specimen.bytes.substr(0, at), cut);
      if (at == 0) server.on_connection().expect_head().send(kOk).expect_end();
    }
    for (std::size_t at = 0; at < specimen.bytes.size(); ++at) {
      CAPTURE(at);
      REQUIRE_FALSE(get().error.has_value());
      const Exchange& done = get();
      if (at == 0) {
        CHECK_FALSE(done.error.has_value());
        CHECK(done.past.size() == 1);
        client().pool.close_idle();
      } else {
        check_cut(specimen, at, cut, done);
        CHECK(done.timeline.reused);
      }
      CHECK(counts().total() == 0);
      check_sums();
    }
    CHECK(counts().stale_retries == 1);
  }

  TEST_CASE_FIXTURE(CutFixture, "a redirect that is cut is followed once its head is whole") {
    const Specimen redirect{
        .name = "redirect",
        .bytes = "HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 4\r\n\r\nbody",
        .status = 302,
        .body = "body"};
    Cut cut = Cut::close;
    SUBCASE("closed") {
      cut = Cut::close;
    }
    SUBCASE("reset") {
      cut = Cut::reset;
    }
    const auto is_followed = [&redirect](std::size_t at) { return at >= end_of_head(redirect); };
    for (std::size_t at = 0; at < redirect.bytes.size(); ++at) {
      cut_off(server.on_connection(), redirect.bytes.substr(0, at), cut);
      if (is_followed(at)) server.on_connection().expect("GET /next").expect_head().send(kOk);
    }
    for (std::size_t at = 0; at < redirect.bytes.size(); ++at) {
      CAPTURE(at);
      const Exchange& done = get();
      if (is_followed(at)) {
        CHECK_FALSE(done.error.has_value());
        CHECK(done.past.size() == 1);
        client().pool.close_idle();
      } else {
        check_cut(redirect, at, cut, done);
      }
      CHECK(counts().total() == 0);
      check_sums();
    }
  }

  TEST_CASE_FIXTURE(CutFixture, "an answer ended by 100 bytes too many costs its connection") {
    server.on_connection().expect_head().send(std::string(kOk) + std::string(100, 'x'));
    const Exchange& done = get();
    CHECK_FALSE(done.error.has_value());
    CHECK(done.response->body == "ok");
    CHECK(counts().total() == 0);
  }

  TEST_CASE_FIXTURE(TlsCutFixture, "over TLS an answer is the same when it comes byte by byte") {
    TlsHost host(loop, {.identity = identity});
    host.dribble();
    host.answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                TlsHost::End::open);
    const Exchange& done = get_from(host);
    REQUIRE_FALSE(done.error.has_value());
    CHECK(done.response->body == "hello");
    CHECK(client().book.stats().total.idle == 1);
  }

  TEST_CASE_FIXTURE(TlsCutFixture, "over TLS an answer that is cut is never taken for whole") {
    const Specimen specimen = framed_specimens().front();
    TlsHost::End end = TlsHost::End::cut;
    SUBCASE("with a goodbye") {
      end = TlsHost::End::goodbye;
    }
    SUBCASE("without a word") {
      end = TlsHost::End::cut;
    }
    for (std::size_t at = 0; at < specimen.bytes.size(); at += 3) {
      CAPTURE(at);
      TlsHost host(loop, {.identity = identity});
      host.answer(specimen.bytes.substr(0, at), end);
      check_cut(specimen, at, Cut::close, get_from(host));
      CHECK(client().book.stats().total.total() == 0);
    }
  }
}

}  // namespace xtrace::cut_test
