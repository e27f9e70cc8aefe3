#include <doctest/doctest.h>

#include "cli/option_table.h"
#include "command_line.h"

namespace options_test {

using namespace xtrace;
using namespace xtrace::cli;
using std::chrono::milliseconds;
using xtrace::testing::parsed;
using xtrace::testing::refusal;

TEST_SUITE("cli/options") {
  TEST_CASE("flags are read before and after the URL") {
    const GetOptions options = parsed({"-s", "http://h/", "-i"});
    CHECK(options.url == "http://h/");
    CHECK(options.output.is_silent);
    CHECK(options.output.shows_headers);
    CHECK_FALSE(options.output.is_verbose);
  }

  TEST_CASE("a value is attached, follows, or stands behind an equals sign") {
    CHECK(parsed({"-o/tmp/a b", "u"}).output.body_file == "/tmp/a b");
    CHECK(parsed({"-o", "/tmp/a b", "u"}).output.body_file == "/tmp/a b");
    CHECK(parsed({"--output", "/tmp/a b", "u"}).output.body_file == "/tmp/a b");
    CHECK(parsed({"u", "--output=/tmp/a b"}).output.body_file == "/tmp/a b");
  }

  TEST_CASE("letters stand together, the last one with its value") {
    const GetOptions options = parsed({"-skXPURGE", "u"});
    CHECK(options.output.is_silent);
    CHECK(options.client.tls.accept_any_certificate);
    CHECK(options.method == "PURGE");
  }

  TEST_CASE("a value may begin with a dash or be empty") {
    CHECK(parsed({"-o", "-", "u"}).output.body_file == "-");
    CHECK(parsed({"-d", "--data", "u"}).body.front().text == "--data");
    CHECK(parsed({"-A", "", "u"}).user_agent == "");
    CHECK(parsed({"--user-agent=", "u"}).user_agent == "");
  }

  TEST_CASE("two dashes end the flags") {
    CHECK(parsed({"-s", "--", "-weird"}).url == "-weird");
  }

  TEST_CASE("of a flag given twice the last counts") {
    const GetOptions options = parsed({"-m", "1", "--max-time", "2", "-A", "a", "-A", "b", "u"});
    CHECK(options.client.timeouts.total == milliseconds(2000));
    CHECK(options.user_agent == "b");
  }

  TEST_CASE("pieces of the body keep their order and kind across flags") {
    const GetOptions options =
        parsed({"-d", "a", "--data-raw", "@b", "--data-binary", "c", "--json", "{}", "u"});
    REQUIRE(options.body.size() == 4);
    using Kind = BodyPart::Kind;
    CHECK(options.body[0].kind == Kind::form);
    CHECK(options.body[1].kind == Kind::raw);
    CHECK(options.body[1].text == "@b");
    CHECK(options.body[2].kind == Kind::binary);
    CHECK(options.body[3].kind == Kind::json);
  }

  TEST_CASE("a comma in a value splits nothing") {
    CHECK(parsed({"-H", "Accept: a, b", "u"}).headers.front() == "Accept: a, b");
  }

  TEST_CASE("verb, flags and data decide the method") {
    CHECK(parsed({"u"}).method == "GET");
    CHECK(parsed({"-d", "x", "u"}).method == "POST");
    CHECK(parsed({"--json", "{}", "u"}).method == "POST");
    CHECK(parsed({"-I", "u"}).method == "HEAD");
    CHECK(parsed({"-X", "PUT", "-d", "x", "u"}).method == "PUT");
    CHECK(parsed({"u"}, "delete").method == "DELETE");
    CHECK(parsed({"-d", "x", "u"}, "patch").method == "PATCH");
    CHECK(parsed({"-X", "PURGE", "u"}, "request").method == "PURGE");
    CHECK(parsed({"-I", "-X", "HEAD", "u"}).method == "HEAD");
  }

  TEST_CASE("the certificate's file holds its key where --key names no other") {
    CHECK(parsed({"--cert", "c.pem", "u"}).client.tls.key_file == "c.pem");
    CHECK(parsed({"--cert", "c.pem", "--key", "k.pem", "u"}).client.tls.key_file == "k.pem");
    CHECK(parsed({"u"}).client.tls.key_file.empty());
  }

  TEST_CASE("-T makes it a PUT and -F a POST, and there is one body only") {
    CHECK(parsed({"-T", "f", "u"}).method == "PUT");
    CHECK(parsed({"-T", "f", "-X", "POST", "u"}).method == "POST");
    CHECK(parsed({"-F", "a=b", "u"}).method == "POST");
    CHECK(parsed({"-F", "a=b", "-F", "c=@f,g", "u"}).form.size() == 3);
    CHECK(refusal({"-T", "f", "-d", "x", "u"}) ==
          "xtrace get sends one body: data (-d), a form (-F) or a file (-T)");
    CHECK_FALSE(refusal({"-F", "a=b", "-d", "x", "u"}).empty());
    CHECK_FALSE(refusal({"-I", "-T", "f", "u"}).empty());
    CHECK(refusal({"-T", "-", "-F", "a=@-", "u"}) ==
          "xtrace get can read stdin (@-) for one flag only");
    CHECK(refusal({"-F", "secret", "u"}) ==
          "xtrace get --form: a part of a form is NAME=VALUE, NAME=@FILE or NAME=<FILE");
  }

  TEST_CASE("redirects are followed where -L asks, up to --max-redirs") {
    const ClientConfig client = parsed({"-L", "--max-redirs", "3", "u"}).client;
    CHECK(client.redirects.are_followed);
    CHECK(client.redirects.limit == 3);
    CHECK(parsed({"--max-redirs", "-1", "u"}).client.redirects.limit > 1'000'000);
    CHECK(refusal({"--max-redirs", "-2", "u"}) ==
          "xtrace get --max-redirs: \"-2\" is not a number from 0 on, or -1 for no limit");
  }

  TEST_CASE("versions of TLS have a lower and an upper end") {
    const auto tls = [](std::initializer_list<std::string_view> words) {
      return parsed(words).client.tls;
    };
    CHECK(tls({"--tlsv1.3", "u"}).oldest == TlsVersion::tls1_3);
    CHECK(tls({"--tlsv1.0", "--tls-max", "1.1", "u"}).newest == TlsVersion::tls1_1);
    CHECK(tls({"--tls-max", "1.1", "u"}).oldest == TlsVersion::tls1_1);
    CHECK(tls({"--tls-max", "1.3", "u"}).oldest == TlsVersion::tls1_2);
    CHECK(tls({"--no-alpn", "u"}).alpn.empty());
    CHECK_FALSE(tls({"--no-sessionid", "u"}).resumes_sessions);
    CHECK(refusal({"--tlsv1.3", "--tls-max", "1.2", "u"}) ==
          "xtrace get takes --tls-max only from the version on that --tlsv asks for");
    CHECK_FALSE(refusal({"--tls-max", "2", "u"}).empty());
  }

  TEST_CASE("a cookie is text, for there is no jar") {
    CHECK(parsed({"-b", "a=1; b=2", "-b", "c=3", "u"}).cookies.size() == 2);
    CHECK(refusal({"-b", "cookies.txt", "u"}) ==
          "xtrace get --cookie: a value without = names a file of cookies, and xtrace keeps no "
          "cookie jar; give NAME=VALUE");
  }

  TEST_CASE("a proxy that is none is refused without its password") {
    const std::string message = refusal({"-x", "gopher://me:secret@proxy", "u"});
    CHECK(message.starts_with("xtrace get --proxy: "));
    CHECK(message.find("secret") == std::string::npos);
  }

  TEST_CASE("every limit in time has its flag") {
    const Timeouts limits = parsed({"--dial-timeout", "1", "--proxy-timeout", "2",
                                    "--expect100-timeout", "3", "--keepalive-time", "4", "u"})
                                .client.timeouts;
    CHECK(limits.dial == milliseconds(1000));
    CHECK(limits.proxy == milliseconds(2000));
    CHECK(limits.expect_continue == milliseconds(3000));
    CHECK(parsed({"--keepalive-time", "4", "u"}).client.keep_alive_probes == milliseconds(4000));
  }

  TEST_CASE("an unknown flag is answered with the nearest one") {
    CHECK(refusal({"--formt", "json", "u"}) ==
          "xtrace get knows no flag --formt; did you mean --format?");
    CHECK(refusal({"--conect-timeout=1", "u"}) ==
          "xtrace get knows no flag --conect-timeout; did you mean --connect-timeout?");
    CHECK(refusal({"-M", "1", "u"}) == "xtrace get knows no flag -M; did you mean -m?");
    CHECK(refusal({"--qqqqqqqq", "u"}) ==
          "xtrace get knows no flag --qqqqqqqq; xtrace get --help lists them all");
  }

  TEST_CASE("a flag of a later version is not mistaken for a neighbour") {
    CHECK(refusal({"-O", "u"}) == "xtrace get knows no flag -O in this version");
    CHECK(refusal({"-sO", "u"}) == "xtrace get knows no flag -O in this version");
    CHECK(refusal({"--range", "2", "u"}) == "xtrace get knows no flag --range in this version");
  }

  TEST_CASE("a flag without its value, or with one it does not take, is refused") {
    CHECK(refusal({"u", "-o"}) == "xtrace get --output needs a value: --output FILE");
    CHECK(refusal({"-X", "", "u"}) == "xtrace get --request: the method is empty");
    CHECK(refusal({"--fail=yes", "u"}) == "xtrace get --fail takes no value");
  }

  TEST_CASE("flags that contradict each other are refused in one sentence") {
    CHECK(refusal({"-4", "-6", "u"}) == "xtrace get takes -4 or -6, not both");
    CHECK(refusal({"-I", "-d", "x", "u"}) ==
          "xtrace get sends HEAD without a body; leave out -I or the data");
    CHECK(refusal({"-d", "x", "u"}, "head") ==
          "xtrace head sends HEAD without a body; leave out the data");
    CHECK(refusal({"-I", "-X", "POST", "u"}) == "xtrace get takes -I or another method, not both");
    CHECK(refusal({"-X", "PUT", "u"}, "post") ==
          "xtrace post sends POST, which -X contradicts; use xtrace request");
    CHECK(refusal({"--key", "k", "u"}) == "xtrace get takes --key only together with --cert");
    CHECK(refusal({"--emit", "none", "--require-emit", "u"}) ==
          "xtrace get takes --emit none or --require-emit, not both");
    CHECK(refusal({"-o", "-", "--emit", "-", "u"}) ==
          "xtrace get takes -o - or --emit -, not both: stdout holds one of them");
    CHECK(refusal({"-d", "@-", "--json", "@-", "u"}) ==
          "xtrace get can read stdin (@-) for one flag only");
    CHECK(refusal({"u"}, "request") ==
          "xtrace request needs a method, as in xtrace request -X PURGE https://example.com");
  }

  TEST_CASE("one URL is needed, and one is enough") {
    CHECK(refusal({}) == "xtrace get needs a URL, as in xtrace get https://example.com");
    CHECK(refusal({"http://u:secret@a/", "http://b/?k=v"}) ==
          "xtrace get takes only one URL per call, not 2");
    CHECK(refusal({"-s", "post", "http://b/"}) ==
          "xtrace get takes flags after the verb, as in xtrace post [OPTIONS] URL");
  }

  TEST_CASE("a word that is none of the choices is answered with the choices") {
    CHECK(refusal({"--format", "svg", "u"}) ==
          "xtrace get --format: \"svg\" is not one of pretty, classic, compact, json, jsonl, csv, "
          "har, perfetto, otlp or xray; or prom, which is --metrics prom");
    CHECK(refusal({"--sampled", "2", "u"}) ==
          "xtrace get --sampled: \"2\" is not one of 0, 1 or ?");
  }

  TEST_CASE("what cannot be recorded is refused before anything is sent") {
    CHECK(refusal({"-a", "a b=1", "u"}) ==
          "xtrace get --annotate: the key \"a b\" is not made of 1 to 500 letters, digits and "
          "underscores");
    CHECK_FALSE(refusal({"--metadata", "[1]", "u"}).empty());
    CHECK_FALSE(refusal({"--metadata", "{\"a\":", "u"}).empty());
    CHECK(refusal({"--trace-header", "Root=nonsense", "u"}) ==
          "xtrace get --trace-header: its Root is not a trace id such as "
          "1-58406520-a006649127e371903a2de979");
    CHECK(refusal({"--trace-header", "rubbish;Parent=53995c3f42cd8ad8", "u"}) ==
          "xtrace get --trace-header: it has neither a Root nor a Sampled, as in "
          "Root=1-58406520-a006649127e371903a2de979");
    CHECK(parsed({"--trace-header", "Sampled=0", "u"}).trace.header == "Sampled=0");
  }

  TEST_CASE("metadata keeps the members of its object as they are") {
    const GetOptions options = parsed({"--metadata", R"({"b":{"x":[1,null]},"a":"é"})", "u"});
    REQUIRE(options.trace.metadata.size() == 2);
    CHECK(options.trace.metadata[0].key == "b");
    CHECK(options.trace.metadata[0].json == R"({"x":[1,null]})");
    CHECK(options.trace.metadata[1].json == "\"é\"");
  }

  TEST_CASE("metadata nested without end is refused") {
    const std::string deep =
        "{\"a\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
    CHECK_FALSE(refusal({"--metadata", deep, "u"}).empty());
  }

  TEST_CASE("every flag of the table is read") {
    for (const FlagRow& row : option_table()) {
      const std::string message = refusal({row.dashed()});
      CAPTURE(message);
      CHECK(message.find("knows no flag") == std::string::npos);
      CHECK(message.find("cannot read") == std::string::npos);
      if (row.takes_value()) CHECK(message.find("needs a value") != std::string::npos);
    }
  }
}

}  // namespace options_test
