#include <optional>
#include <string>

#ifdef XTRACE_HAS_OPENSSL
#include <xtrace/adapters/curl_openssl.h>
#endif

#include "adapters/curl_fixture.h"
#include "support/listener.h"
#include "support/scratch.h"
#include "support/tls_host.h"

namespace xtrace::testing::curl_failure_test {

namespace {

constexpr const char* kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

}  // namespace

TEST_SUITE_BEGIN("adapters/curl_failure");

TEST_CASE("a failure is recorded in the phase it happened in") {
  CurlFixture curl;
  CURL* const handle = curl.easy.handle;
  std::string phases;
  std::string code;
  bool is_like_ours = true;
  std::string host = curl.server.address().to_string();
  std::string url = curl.server.url("/?token=secret");
  std::optional<RefusingAddress> refusing;
  std::optional<SilentAddress> silent;
  std::optional<TlsHost> tls;
  // Until 8.0 libcurl does not say how long it took to connect where the handshake then failed.
  const bool tells_dial = curl_running_version() >= 0x080000;
  const std::string secure = tells_dial ? "(connect(dial tls))" : "(connect)";
  SUBCASE("refused") {
    refusing.emplace();
    host = refusing->address().to_string();
    url = "http://user:secret@" + host + "/?token=secret";
    phases = "(connect(dial))";
    code = "connect_refused";
  }
  SUBCASE("no answer to the first packet") {
    silent.emplace();
    host = silent->address().to_string();
    url = "http://" + host + "/";
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, 30L);
    is_like_ours = false;
    phases = "(connect(dial))";
    code = "connect_timeout";
  }
  SUBCASE("a name that nobody knows") {
    // Asked for over HTTPS, where nobody listens.
    refusing.emplace();
    const std::string nobody = "https://" + refusing->address().to_string() + "/";
    curl_easy_setopt(handle, CURLOPT_DOH_URL, nobody.c_str());
    host = "nobody.test";
    url = "http://nobody.test/";
    is_like_ours = false;
    phases = "(connect(dns))";
    code = "dns_not_found";
  }
  SUBCASE("silence in the handshake") {
    curl.server.on_connection().silent();
    url = "https://" + host + "/";
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, 50L);
    phases = "(connect)";
    is_like_ours = false;
    code = "tls_timeout";
  }
  SUBCASE("no TLS where there should be") {
    curl.server.on_connection().expect_bytes(1).send("HTTP/1.1 400 Bad Request\r\n\r\n");
    url = "https://" + host + "/";
    phases = secure;
    is_like_ours = false;
    code = "tls_handshake";
  }
  SUBCASE("a certificate of nobody's") {
    tls.emplace(curl.loop, TlsServerOptions{.identity = self_sign({.common_name = "elsewhere"})});
    host = tls->address().to_string();
    url = "https://" + host + "/";
    phases = secure;
    is_like_ours = false;
    code = "cert_self_signed";
  }
  SUBCASE("no answer") {
    curl.server.on_connection().expect_head().silent();
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, 50L);
    is_like_ours = false;
    phases = "(connect(dial) request response)";
    code = "call_timeout";
  }
  SUBCASE("an end instead of an answer") {
    curl.server.on_connection().expect_head().close();
    phases = "(connect(dial) request response)";
    code = "empty_reply";
  }
  SUBCASE("an end inside the body") {
    curl.server.on_connection()
        .expect_head()
        .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok")
        .close();
    phases = "(connect(dial) request response body)";
    code = "body_cut";
  }
  SUBCASE("silence inside the body") {
    curl.server.on_connection()
        .expect_head()
        .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok")
        .silent();
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, 50L);
    is_like_ours = false;
    phases = "(connect(dial) request response body)";
    code = "call_timeout";
  }
  SUBCASE("too many redirects") {
    curl.server.on_connection().expect_head().send(
        "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(handle, CURLOPT_MAXREDIRS, 0L);
    is_like_ours = false;
    phases = "(connect(dial) request response body)";
    code = "too_many_redirects";
  }
  CHECK(curl.get(url) != CURLE_OK);
  const std::string document = curl.document();
  CHECK(outline(document) == "test(" + host + phases + ")");
  if (is_like_ours) CHECK(outline(document) == outline(OwnClient(curl.loop).document(url)));
  CHECK(has(document, type(code)));
  CHECK(has(document, "\"fault\":true"));
  CHECK(!has(document, "secret"));
}

TEST_CASE("an answer that tells of an error is flagged as X-Ray has it, and is no failure") {
  CurlFixture curl;
  std::string status;
  std::string flags;
  SUBCASE("404") {
    status = "404 Not Found";
    flags = "\"error\":true,\"http\"";
  }
  SUBCASE("429") {
    status = "429 Too Many Requests";
    flags = "\"error\":true,\"throttle\":true";
  }
  SUBCASE("503") {
    status = "503 Service Unavailable";
    flags = "\"fault\":true,\"http\"";
  }
  for (const long fails : {0L, 1L}) {
    curl_easy_setopt(curl.easy.handle, CURLOPT_FAILONERROR, fails);
    curl.server.on_connection().expect_head().send(
        "HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    CHECK(curl.get(curl.server.url("/")) == (fails == 1 ? CURLE_HTTP_RETURNED_ERROR : CURLE_OK));
    const std::string document = curl.document();
    CHECK(has(document, flags));
    CHECK(!has(document, "cause"));
    CHECK(has(document, "\"status\":" + status.substr(0, 3)));
  }
}

TEST_CASE("over TLS the handshake is a phase, and what was agreed on is told by who knows") {
  CurlFixture curl;
  const Scratch files;
  const Identity identity =
      self_sign({.common_name = "127.0.0.1", .addresses = {"127.0.0.1"}, .is_ca = true});
  const std::string authority = files.write("ca.pem", identity.certificate);
  TlsHost host(curl.loop, TlsServerOptions{.identity = identity});
  host.answer(kAnswer, TlsHost::End::goodbye);
  TracedCurlOptions options{.sends_traceparent = true};
#ifdef XTRACE_HAS_OPENSSL
  options.tls_facts = curl_openssl_facts;
#endif
  TracedCurl traced(curl.easy.handle, options);
  const std::string url = "https://" + host.address().to_string() + "/";
  curl_easy_setopt(curl.easy.handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.easy.handle, CURLOPT_CAINFO, authority.c_str());
  traced.begin(curl.segment.context());
  const CURLcode result = curl.run(curl.easy.handle);
  traced.finish(result, curl.easy.error.c_str());
  CHECK(result == CURLE_OK);
  const std::string document = curl.document();
  CHECK(outline(document) ==
        "test(" + host.address().to_string() + "(connect(dial tls) request response body))");
#ifdef XTRACE_HAS_OPENSSL
  CHECK(has(document, "\"tls\":{\"version\":\"TLSv1."));
  CHECK(has(document, "\"cipher_suite\":\"TLS_"));
  CHECK(has(document, "\"negotiated_protocol\":\"http/1.1\",\"verified\":true"));
#endif
  const std::string parent = field_of(host.tls().received, "traceparent");
  CHECK(has(document, "\"id\":\"" + parent.substr(36, 16) + "\""));
  CHECK(field_of(host.tls().received, "X-Amzn-Trace-Id").find(parent.substr(36, 16)) !=
        std::string::npos);
}

TEST_CASE("a proxy's tunnel is a phase, and who refuses one is told") {
  CurlFixture curl;
  ScriptedServer proxy(curl.loop);
  CURL* const handle = curl.easy.handle;
  curl_easy_setopt(handle, CURLOPT_PROXY, proxy.url("").c_str());
  curl_easy_setopt(handle, CURLOPT_HTTPPROXYTUNNEL, 1L);
  const std::string answered = "HTTP/1.1 200 Connected\r\n\r\n";
  proxy.on_connection().expect_head().wait(20ms).send(answered).expect_head().send(kAnswer).close();
  CHECK(curl.get("http://192.0.2.1/") == CURLE_OK);
  const std::string opened = curl.document();
  CHECK(outline(opened) == "test(192.0.2.1(connect(dial proxy) request response body))");
  CHECK(length_of(opened, "proxy") >= 0.019);
  CHECK(has(opened, "\"proxy\":\"http://" + proxy.address().to_string() + "\""));
  // The header is for the server, not for the proxy.
  CHECK(count_of(proxy.received(), "X-Amzn-Trace-Id") == 1);

  proxy.on_connection().expect_head().send(
      "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
  CHECK(curl.get("https://192.0.2.1/") != CURLE_OK);
  const std::string refused = curl.document();
  CHECK(has(refused, type("proxy_denied")));
}

TEST_CASE("no URL in a message keeps its userinfo or its query") {
  CHECK(curl_text_without_secrets("see http://u:p@h/a?k=v, 'https://h2?x#y' and ftp://a@b") ==
        "see http://h/a 'https://h2' and ftp://b");
  CHECK(curl_text_without_secrets("Could not resolve host: h?") == "Could not resolve host: h?");
  for (const char* proxy : {"u:p@h:bad", "u:p/@h:bad", "u:p@@h:bad"}) {
    const std::string quoted = std::string(proxy) + "'";
    CHECK(curl_text_without_secrets("syntax in '" + quoted) == "syntax in 'h:bad'");
    CHECK(curl_text_without_secrets("in 'http://" + quoted) == "in 'http://h:bad'");
  }
  CHECK(curl_text_without_secrets("'http://u:p?w@h' http://h?k=v@w") == "'http://' http://");
}

TEST_CASE("what is no URL is not recorded, for nobody can say where its secrets end") {
  CurlFixture curl;
  CHECK(curl.get("http://user:secret/more@127.0.0.1/") == CURLE_URL_MALFORMAT);
  const std::string document = curl.document();
  CHECK(outline(document) == "test(libcurl)");
  CHECK(has(document, type("invalid_url")));
  CHECK(has(document, "\"method\":\"GET\""));
  CHECK(!has(document, "secret"));
}

TEST_SUITE_END();

}  // namespace xtrace::testing::curl_failure_test
