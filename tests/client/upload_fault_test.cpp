#include <memory>

#include "fault_fixture.h"
#include "support/fake_source.h"

namespace xtrace::upload_fault_test {

using std::chrono::milliseconds;
using testing::FakeSource;
using testing::FakeSourceState;
using testing::FaultFixture;
using testing::kOk;
using testing::Script;

namespace {

struct UploadFaultFixture : FaultFixture {
  std::vector<std::unique_ptr<FakeSourceState>> opened;  ///< Every source that was made.

  /// Makes sources that give these pieces; an empty one is the end.
  Request supplied(bool is_repeatable, std::vector<std::string> pieces = {"pay", "load", ""}) {
    Request put = request();
    put.method = "PUT";
    put.supply = BodySupply{
        .open = [this, pieces](Loop&) -> Expected<std::unique_ptr<BodySource>> {
          opened.push_back(std::make_unique<FakeSourceState>());
          opened.back()->ready.assign(pieces.begin(), pieces.end());
          return std::unique_ptr<BodySource>(std::make_unique<FakeSource>(*opened.back()));
        },
        .is_repeatable = is_repeatable};
    return put;
  }

  static Request vouched_for(Request what) {
    what.headers.add("Idempotency-Key", "1");
    return what;
  }

  Request expecting() const {
    Request post = request();
    post.method = "POST";
    post.body = "payload";
    post.headers.add("Expect", "100-continue");
    return post;
  }

  /// Keeps a connection that does as `script` says with its second request.
  Script& kept_connection() { return server.on_connection().expect_head().send(kOk); }
  void use_connection_once() {
    launch(1, request());
    wait_for(1);
    check_ok(1);
  }
};

constexpr auto kChunked = "3\r\npay\r\n4\r\nload\r\n0\r\n\r\n";

}  // namespace

TEST_SUITE("client/upload_fault") {
  TEST_CASE_FIXTURE(UploadFaultFixture,
                    "a supply is opened anew where a dead connection is replaced") {
    kept_connection().expect_head().close();
    server.on_connection().expect(kChunked).send(kOk);
    use_connection_once();
    launch(2, vouched_for(supplied(true)));
    wait_for(2);
    check_ok(2);
    CHECK(opened.size() == 2);
    CHECK(ends.at(2).past.size() == 1);
    CHECK(opened[0]->is_gone);
    check_sums();
  }

  TEST_CASE_FIXTURE(UploadFaultFixture, "what cannot be sent twice fails on a dead connection") {
    kept_connection().expect_head().close();
    answer_always();
    Request put = supplied(true);
    SUBCASE("a supply that gives its bytes once") {
      put = vouched_for(supplied(false));
    }
    SUBCASE("a method nobody vouched for") {
      put = supplied(true);
    }
    use_connection_once();
    launch(2, std::move(put));
    launch(3, request());
    wait_for(3);
    REQUIRE(ends.at(2).error.has_value());
    CHECK(ends.at(2).past.empty());
    CHECK(opened.size() == 1);
    check_ok(3);
    CHECK(counts().closed_for(CloseReason::server_closed) == 1);
    check_sums();
  }

  TEST_CASE_FIXTURE(UploadFaultFixture, "a source that fails midway costs its connection only") {
    kept_connection().silent();
    answer_always();
    use_connection_once();
    launch(2, supplied(true, {"pay", std::string(FakeSource::kFailure)}));
    launch(3, request());
    wait_for(3);
    check_fault(2, Error::Code::body_source_failed, Phase::request);
    CHECK(ends.at(2).error->message == "the well is dry");
    CHECK(ends.at(2).past.empty());
    check_ok(3);
    CHECK_FALSE(ends.at(3).timeline.reused);
    CHECK(counts().closed_for(CloseReason::error) == 1);
    check_sums();
  }

  TEST_CASE_FIXTURE(UploadFaultFixture, "a source that falls silent strikes the idle limit") {
    config.timeouts.idle = milliseconds(20);
    server.on_connection().expect_head().silent();
    answer_always();
    launch(1, supplied(true, {"pay"}));
    launch(2, request());
    wait_for(2);
    check_fault(1, Error::Code::send_stalled, Phase::request);
    check_ok(2);
    CHECK(opened.at(0)->is_gone);
    check_sums();
  }

  TEST_CASE_FIXTURE(UploadFaultFixture, "a redirect asks a supply again, if it can be asked") {
    server.on_connection()
        .expect(kChunked)
        .send("HTTP/1.1 307 T\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n")
        .expect(kChunked)
        .send(kOk);
    bool is_repeatable = true;
    SUBCASE("repeatable") {
      is_repeatable = true;
    }
    SUBCASE("once") {
      is_repeatable = false;
    }
    launch(1, supplied(is_repeatable));
    wait_for(1);
    check_ok(1);
    CHECK(opened.size() == (is_repeatable ? 2 : 1));
    CHECK(ends.at(1).response->status == (is_repeatable ? 200 : 307));
    CHECK(counts().idle == 1);
    check_sums();
  }

  TEST_CASE_FIXTURE(UploadFaultFixture, "a connection that ends before 100 Continue sent no body") {
    Script& script = server.on_connection().expect_head();
    Error::Code code = Error::Code::send_failed;
    SUBCASE("closed") {
      script.close();
    }
    SUBCASE("reset") {
      script.reset();
      code = Error::Code::receive_failed;
    }
    SUBCASE("silent until the end") {
      config.timeouts.total = milliseconds(30);
      script.silent();
      code = Error::Code::call_timeout;
    }
    launch(1, expecting());
    wait_for(1);
    check_fault(1, code, Phase::request);
    CHECK(ends.at(1).timeline.request_body_bytes == 0);
    CHECK(ends.at(1).timeline.continue_wait.has_value());
    CHECK(counts().total() == 0);
    check_sums();
  }

  TEST_CASE_FIXTURE(UploadFaultFixture, "a dead connection is replaced before 100 Continue too") {
    kept_connection().expect_head().close();
    server.on_connection()
        .expect_head()
        .send("HTTP/1.1 100 Continue\r\n\r\n")
        .expect("payload")
        .send(kOk);
    use_connection_once();
    launch(2, vouched_for(expecting()));
    wait_for(2);
    check_ok(2);
    CHECK(ends.at(2).past.size() == 1);
    CHECK_FALSE(server.received(0).ends_with("payload"));
    check_sums();
  }

  TEST_CASE_FIXTURE(UploadFaultFixture, "a reset behind 100 Continue is not taken for staleness") {
    kept_connection().expect_head().send("HTTP/1.1 100 Continue\r\n\r\n").expect("pay").reset();
    answer_always();
    use_connection_once();
    launch(2, vouched_for(expecting()));
    launch(3, request());
    wait_for(3);
    REQUIRE(ends.at(2).error.has_value());
    CHECK(ends.at(2).past.empty());
    CHECK(ends.at(2).timeline.interim_count == 1);
    check_ok(3);
    CHECK(counts().closed_for(CloseReason::error) == 1);
    check_sums();
  }

  TEST_CASE_FIXTURE(UploadFaultFixture, "a refusal instead of 100 Continue frees the place") {
    server.on_connection().expect_head().send(
        "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
    answer_always();
    launch(1, expecting());
    launch(2, request());
    wait_for(2);
    CHECK(ends.at(1).response->status == 417);
    check_ok(2);
    CHECK_FALSE(ends.at(2).timeline.reused);
    CHECK(counts().closed_for(CloseReason::not_reusable) == 1);
    check_sums();
  }
}

}  // namespace xtrace::upload_fault_test
