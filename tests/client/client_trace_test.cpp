#include <string>

#include <doctest/doctest.h>

#include <xtrace/client_trace.h>

namespace xtrace {

TEST_SUITE("client/client_trace") {
  TEST_CASE("composed hooks run newer first, then older") {
    std::string order;
    ClientTrace newer;
    newer.get_conn = [&order](std::string_view host_port) {
      order += "new " + std::string(host_port);
    };
    ClientTrace older;
    older.get_conn = [&order](std::string_view host_port) {
      order += ", old " + std::string(host_port);
    };
    ClientTrace::compose(newer, older).get_conn("h:80");
    CHECK(order == "new h:80, old h:80");
  }

  TEST_CASE("composing leaves both arguments as they were") {
    int newer_calls = 0;
    int older_calls = 0;
    ClientTrace newer;
    newer.wrote_headers = [&newer_calls] { ++newer_calls; };
    ClientTrace older;
    older.wrote_headers = [&older_calls] { ++older_calls; };
    const ClientTrace both = ClientTrace::compose(newer, older);
    newer.wrote_headers();
    CHECK(newer_calls == 1);
    CHECK(older_calls == 0);
    both.wrote_headers();
    CHECK(newer_calls == 2);
    CHECK(older_calls == 1);
  }

  TEST_CASE("a hook only one side has is taken as it is, and none stays none") {
    int calls = 0;
    ClientTrace one;
    one.dns_start = [&calls](std::string_view) { ++calls; };
    const ClientTrace as_newer = ClientTrace::compose(one, {});
    const ClientTrace as_older = ClientTrace::compose({}, one);
    as_newer.dns_start("a");
    as_older.dns_start("b");
    CHECK(calls == 2);
    CHECK_FALSE(static_cast<bool>(as_newer.get_conn));
  }
}

}  // namespace xtrace
