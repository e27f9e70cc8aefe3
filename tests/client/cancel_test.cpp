#include "cancel_fixture.h"

namespace xtrace::cancel_test {

using testing::CancelFixture;
using testing::Events;
using testing::kStations;
using testing::Station;

namespace {

/// Nothing is told to the victim's owner any more, and the pool's numbers come to rest.
void check_silence(CancelFixture& test, const Events& told_before) {
  test.loop.run_until([&test] {
    const PoolCounts now = test.counts();
    return now.connecting == 0 && now.waiting == 0 && now.active <= test.calls.size();
  });
  test.loop.spin(50);
  CHECK(test.told == told_before);
  test.check_sums();
}

/// Call 99, to the other server, on whose back something happens.
void launch_bystander(CancelFixture& test, CallOptions with, Callback<void(Exchange)> on_done) {
  testing::ManyCalls::answer_always(test.other);
  test.launch(99, testing::ManyCalls::request_to(test.other), std::move(with), std::move(on_done));
}

}  // namespace

TEST_SUITE("client/cancel") {
  TEST_CASE("a call that is destroyed in any phase is silent, and the pool's sums hold") {
    for (const Station& station : kStations) {
      CAPTURE(std::string(station.name));
      CancelFixture test;
      station.reach(test);
      const bool was_done = test.ends.contains(1);
      const Events told = test.told;
      test.calls.erase(1);
      check_silence(test, told);
      CHECK(test.ends.contains(1) == was_done);
    }
  }

  TEST_CASE("a call may be destroyed in any phase by another call's on_done") {
    for (const Station& station : kStations) {
      CAPTURE(std::string(station.name));
      CancelFixture test;
      station.reach(test);
      bool is_done = false;
      Events told;
      launch_bystander(test, {}, [&](Exchange exchange) {
        CHECK_FALSE(exchange.error.has_value());
        told = test.told;
        test.calls.erase(1);
        test.calls.erase(99);
        is_done = true;
      });
      test.loop.run_until([&is_done] { return is_done; });
      check_silence(test, told);
    }
  }

  TEST_CASE("a call may be destroyed in any phase by another call's hooks") {
    const auto in_hook = [](CallOptions& with, int which, std::function<void()> deed) {
      if (which == 0)
        with.trace.connect_start = [deed](std::string_view, const Address&) { deed(); };
      if (which == 1) with.trace.got_conn = [deed](const GotConnInfo&) { deed(); };
      if (which == 2) with.trace.got_first_response_byte = deed;
      if (which == 3) with.trace.put_idle_conn = [deed](const Error*) { deed(); };
    };
    for (const Station& station : kStations) {
      for (int which = 0; which < 4; ++which) {
        CAPTURE(std::string(station.name));
        CAPTURE(which);
        CancelFixture test;
        station.reach(test);
        bool is_done = false;
        Events told;
        CallOptions with;
        in_hook(with, which, [&test, &told] {
          told = test.told;
          test.calls.erase(1);
        });
        launch_bystander(test, std::move(with), [&is_done](Exchange) { is_done = true; });
        test.loop.run_until([&is_done] { return is_done; });
        CHECK_FALSE(test.calls.contains(1));
        check_silence(test, told);
      }
    }
  }

  TEST_CASE("a client may be destroyed right after its calls, in any phase") {
    for (const Station& station : kStations) {
      CAPTURE(std::string(station.name));
      CancelFixture test;
      station.reach(test);
      const Events told = test.told;
      test.calls.clear();
      test.core.reset();
      test.loop.spin(50);
      CHECK(test.told == told);
    }
  }

  TEST_CASE("abort fails a call in any phase, from inside another's on_done too") {
    for (const Station& station : kStations) {
      for (const bool is_from_inside : {false, true}) {
        CAPTURE(std::string(station.name));
        CAPTURE(is_from_inside);
        CancelFixture test;
        station.reach(test);
        bool is_done = !is_from_inside;
        if (is_from_inside) {
          launch_bystander(test, {}, [&test, &is_done](Exchange) {
            test.client().abort();
            is_done = true;
          });
        } else {
          test.client().abort();
        }
        test.loop.run_until([&is_done] { return is_done; });
        REQUIRE(test.ends.contains(1));
        if (station.reach != testing::stations::after_its_end)
          CHECK(test.ends.at(1).error->code == Error::Code::client_closed);
        CHECK(test.counts().total() == 0);
        CHECK(test.counts().waiting == 0);
        test.check_sums();
        test.loop.spin(50);
      }
    }
  }

  TEST_CASE("a client may be destroyed by the on_done of its last call") {
    CancelFixture test;
    bool is_gone = false;
    const auto destroy_all = [&test, &is_gone](Exchange) {
      test.calls.clear();
      test.core.reset();
      is_gone = true;
    };
    SUBCASE("when it is answered") {
      test.answer_always();
      test.launch(1, test.request(), {}, destroy_all);
    }
    SUBCASE("when it is refused at once") {
      Request bad = test.request();
      bad.headers.add("X-Bad", "a\r\nb");
      test.launch(1, std::move(bad), {}, destroy_all);
      test.launch(2, test.request());
    }
    SUBCASE("when it is served by the pool and fails at once") {
      test.answer_always();
      Request put = test.request();
      put.method = "PUT";
      put.supply = BodySupply{.open = [](Loop&) -> Expected<std::unique_ptr<BodySource>> {
        return Error{Error::Code::body_source_failed, Phase::none, "read x: no such file"};
      }};
      test.launch(1, test.request());
      test.launch(2, std::move(put), {}, destroy_all);
      test.launch(3, test.request());
    }
    SUBCASE("when the client aborts") {
      test.server.on_connection().expect_head().silent();
      test.launch(1, test.request(), {}, destroy_all);
      test.launch(2, test.request());
      test.loop.run_until([&test] { return test.counts().active == 1; });
      test.client().abort();
    }
    test.loop.run_until([&is_gone] { return is_gone; });
    test.loop.spin(50);
  }

  TEST_CASE("an on_done that starts the next call does not keep abort busy for ever") {
    CancelFixture test;
    test.server.on_connection().expect_head().silent();
    int started = 1;
    std::function<void(Exchange)> again = [&test, &started, &again](Exchange exchange) {
      CHECK(exchange.error->code == Error::Code::client_closed);
      if (started < 100) {
        ++started;
        test.launch(started, test.request(), {}, again);
      }
    };
    test.launch(1, test.request(), {}, again);
    test.loop.run_until([&test] { return test.counts().active == 1; });
    test.client().abort();
    CHECK(started == 2);
    test.loop.run_until([&started] { return started == 100; });
    CHECK(test.server.connections() == 1);
  }
}

}  // namespace xtrace::cancel_test
