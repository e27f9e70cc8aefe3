#include "cli/client_settings.h"

#include <doctest/doctest.h>

#include "command_line.h"

namespace client_settings_test {

using namespace xtrace;
using namespace xtrace::cli;
using xtrace::testing::environment;
using xtrace::testing::parsed;

TEST_SUITE("cli/client_settings") {
  TEST_CASE("the command does by itself no more than curl does") {
    const ClientConfig config = command_defaults();
    CHECK_FALSE(config.redirects.are_followed);
    CHECK_FALSE(config.decoding.is_on);
    CHECK(config.timeouts.connect == std::chrono::minutes(5));
    CHECK(config.timeouts.tls == Duration{});
    CHECK(parsed({"u"}).client.redirects.limit == 10);
  }

  TEST_CASE("proxies are the environment's where no flag names one") {
    const auto variables = environment(
        {{"http_proxy", "http://p:1"}, {"HTTPS_PROXY", "http://q:2"}, {"no_proxy", "example.com"}});
    const ProxyConfig proxies = choose_proxies(parsed({"u"}), variables);
    CHECK(proxies.http == "http://p:1");
    CHECK(proxies.https == "http://q:2");
    CHECK(proxies.no_proxy == "example.com");
    CHECK_FALSE(proxies.includes_loopback);
  }

  TEST_CASE("-x overrides all of the environment and leads to this machine as well") {
    const auto variables = environment({{"http_proxy", "http://p:1"}, {"NO_PROXY", "*"}});
    const ProxyConfig proxies = choose_proxies(parsed({"-x", "socks5h://s:3", "u"}), variables);
    CHECK(proxies.http == "socks5h://s:3");
    CHECK(proxies.https == "socks5h://s:3");
    CHECK(proxies.no_proxy.empty());
    CHECK(proxies.includes_loopback);
    CHECK(choose_proxies(parsed({"-x", "", "u"}), variables).http.empty());
  }

  TEST_CASE("--noproxy has the last word") {
    const auto variables = environment({{"http_proxy", "http://p:1"}, {"NO_PROXY", "a"}});
    CHECK(choose_proxies(parsed({"--noproxy", "*", "u"}), variables).no_proxy == "*");
    CHECK(choose_proxies(parsed({"--noproxy", "b", "-x", "p:1", "u"}), variables).no_proxy == "b");
  }

  TEST_CASE("SSLKEYLOGFILE names the file for the secrets of TLS") {
    const auto with = settle_client(parsed({"u"}), environment({{"SSLKEYLOGFILE", "/tmp/keys"}}));
    REQUIRE(with);
    CHECK(with->config().tls.key_log_file == "/tmp/keys");
    const auto without = settle_client(parsed({"u"}), environment());
    REQUIRE(without);
    CHECK(without->config().tls.key_log_file.empty());
    CHECK(without->config().proxy.has_value());
  }

  TEST_CASE("a proxy in the environment that is none is refused without its password") {
    const auto client =
        settle_client(parsed({"u"}), environment({{"http_proxy", "gopher://me:secret@proxy:70"}}));
    REQUIRE_FALSE(client);
    CHECK(client.error().code == Error::Code::invalid_config);
    CHECK(client.error().message.find("secret") == std::string::npos);
  }
}

}  // namespace client_settings_test
