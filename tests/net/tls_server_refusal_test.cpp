#include <algorithm>
#include <functional>
#include <vector>

#include "net/tls_library.h"
#include "net/tls_meeting.h"

namespace xtrace::testing::tls_server_refusal_test {

namespace {

constexpr std::string_view kName = "TLS handshake with 192.0.2.7:4711: ";

std::string refusal_of(const TlsServerConfig& config) {
  const auto context = make_tls_server_context(config);
  REQUIRE_FALSE(context.has_value());
  CHECK(context.error().code == Error::Code::tls_config);
  return context.error().message;
}

struct Refusal {
  Error server;
  std::string client;
};

Refusal refusal_between(const ServerContext& serves, const ClientContext& visits) {
  Meeting meeting;
  meeting.shake(serves, visits);
  REQUIRE(meeting.server.error.has_value());
  CHECK(meeting.server.error->phase == Phase::tls);
  CHECK(meeting.server.inner == nullptr);
  CHECK(meeting.server.times_told == 1);
  return {*meeting.server.error, meeting.client.error ? meeting.client.error->message : ""};
}

/// What the server says about bytes that are not a client's, and what it answers.
struct Verdict {
  Error error;
  std::string answer;
};

Verdict verdict_on(std::string_view bytes, std::size_t most_at_once = std::string::npos) {
  Meeting meeting;
  meeting.start_server(serving());
  while (!bytes.empty() && !meeting.server.is_done()) {
    const std::string_view piece = bytes.substr(0, most_at_once);
    bytes.remove_prefix(piece.size());
    meeting.server.inner->deliver(piece);
  }
  if (!meeting.server.is_done()) meeting.server.inner->deliver_end();
  REQUIRE(meeting.server.error.has_value());
  CHECK(meeting.server.inner == nullptr);
  return {*meeting.server.error, meeting.server.last_words};
}

/// Carries a whole handshake with client certificates, but for what `change` does to the bytes that
/// the client sends; it gets each piece with its place among all. Once it returns false the client
/// says no more.
std::optional<Error> error_with_changed(
    const ServerContext& serves, const ClientContext& visits,
    const std::function<bool(std::string&, std::size_t)>& change, std::size_t* total = nullptr) {
  Meeting meeting;
  meeting.start(serves, visits);
  std::size_t said = 0;
  bool goes_on = true;
  for (int round = 0; goes_on && !meeting.server.is_done() && round < 100; ++round) {
    std::string up = meeting.client.take();
    const std::size_t size = up.size();
    goes_on = change(up, said);
    said += size;
    meeting.server.give(up, std::string::npos, false);
    if (meeting.server.inner == nullptr) break;
    meeting.client.give(meeting.server.take(), std::string::npos, false);
    meeting.loop.spin(1);
  }
  if (!meeting.server.is_done()) meeting.server.inner->deliver_end();
  CHECK(meeting.server.times_told == 1);
  if (total != nullptr) *total = said;
  return meeting.server.error;
}

const Identity& client_identity() {
  static const Identity identity =
      issue({.common_name = "a client", .is_for_clients = true}, test_ca());
  return identity;
}

}  // namespace

TEST_SUITE("net/tls_server_refusal") {
  TEST_CASE("files that cannot be used are named with the reason") {
    const TemporaryFile certificate(good_identity().certificate);
    const TemporaryFile key(good_identity().key);
    const TemporaryFile other(test_ca().key);
    const TemporaryFile locked(encrypted_key());
    const std::string use_key = "use the server key ";
    CHECK(refusal_of({}) == "serve TLS: no server certificate is configured");
    CHECK(refusal_of({.certificate_file = "/nowhere/a.pem"}) ==
          "read the server certificate /nowhere/a.pem: no such file or directory (ENOENT)");
    CHECK(refusal_of({.certificate_file = key.path()}) ==
          "use the server certificate " + key.path() + ": it holds no certificate in PEM form");
    CHECK(refusal_of({.certificate_file = certificate.path(), .key_file = other.path()}) ==
          use_key + other.path() + ": it is not the key of the certificate " + certificate.path());
    CHECK(refusal_of({.certificate_file = certificate.path(), .key_file = locked.path()}) ==
          use_key + locked.path() +
              ": it is encrypted, and only keys without a passphrase can be used");
    CHECK(refusal_of({.certificate_file = certificate.path(),
                      .key_file = key.path(),
                      .client_ca_file = key.path()}) ==
          "use the client CA file " + key.path() + ": it holds no certificate in PEM form");
    CHECK(refusal_of({.certificate_file = certificate.path(),
                      .oldest = TlsVersion::tls1_3,
                      .newest = TlsVersion::tls1_2})
              .starts_with("offer TLS versions: the oldest, TLS 1.3, is newer than"));
  }

  TEST_CASE("a client that offers no protocol of ours fails with no_application_protocol") {
    const Refusal refusal = refusal_between(serving(), visiting({.alpn = {"h2"}}));
    CHECK(refusal.server.code == Error::Code::tls_handshake);
    CHECK(refusal.server.message ==
          std::string(kName) + "the client offers none of the protocols http/1.1 by ALPN");
    CHECK(refusal.client.find("alert no_application_protocol") != std::string::npos);
  }

  TEST_CASE("a client of older versions than those accepted fails with tls_version") {
    if constexpr (tls::kOldestVersion == TlsVersion::tls1_0) {
      const Refusal refusal = refusal_between(
          serving(), visiting({.oldest = TlsVersion::tls1_0, .newest = TlsVersion::tls1_1}));
      CHECK(refusal.server.code == Error::Code::tls_version);
      CHECK(refusal.server.message.find(
                "the client speaks none of the versions accepted (TLS 1.2") != std::string::npos);
      CHECK(refusal.client.find("refuses every version offered") != std::string::npos);
    }
  }

#if MBEDTLS_VERSION_MAJOR < 3
  TEST_CASE("a client that does not trust the server says so") {
    const Refusal refusal = refusal_between(
        serving({.identity = self_sign({.common_name = "api.example.com"})}), visiting());
    CHECK(refusal.server.code == Error::Code::tls_handshake);
    CHECK(refusal.server.message == std::string(kName) +
                                        "the client answered with the alert unknown_ca; it does "
                                        "not accept the server's certificate");
  }
#endif

  TEST_CASE("a client without a good certificate is let in by no handshake, first or second") {
    struct Case {
      Identity shows;
      Error::Code code;
      std::string_view message;
      std::string_view alert;
    };
    const Identity other_ca = self_sign({.common_name = "Other CA", .is_ca = true});
    const CertificateSpec spec = {.common_name = "a client", .is_for_clients = true};
    CertificateSpec old = spec;
    old.not_after = "20260102030405";
    CertificateSpec servers = spec;
    servers.is_for_clients = false;
    const std::vector<Case> cases = {
        {{},
         Error::Code::cert_invalid,
         "192.0.2.7:4711 showed no certificate",
         "asks for a client certificate"},
        {issue(spec, other_ca), Error::Code::cert_untrusted,
         "the certificate of 192.0.2.7:4711 was issued by CN=Other CA, O=xtrace tests, which is "
         "not trusted",
         "unknown_ca"},
        {self_sign(spec), Error::Code::cert_self_signed,
         "the certificate of 192.0.2.7:4711 is self-signed (CN=a client, O=xtrace tests) and not "
         "trusted",
         "unknown_ca"},
        {issue(old, test_ca()), Error::Code::cert_expired,
         "the certificate of 192.0.2.7:4711 expired on 2026-01-02T03:04:05Z",
         "certificate_expired"},
        {issue(servers, test_ca()), Error::Code::cert_invalid,
         "the certificate of 192.0.2.7:4711 is not meant for a client", "bad_certificate"},
    };
    const ServerContext server = serving({.client_ca = test_ca().certificate});
    for (const Case& one : cases) {
      CAPTURE(one.message);
      const ClientContext client = visiting({}, one.shows);
      for (int time = 0; time < 2; ++time) {
        const Refusal refusal = refusal_between(server, client);
        CHECK(refusal.server.code == one.code);
        CHECK(refusal.server.message == one.message);
        CHECK((refusal.client.empty() || refusal.client.find(one.alert) != std::string::npos));
      }
    }
  }

  TEST_CASE("a client's end in any message is tls_closed") {
    const ServerContext server = serving({.client_ca = test_ca().certificate});
    const ClientContext client = visiting({.resumes_sessions = false}, client_identity());
    std::size_t total = 0;
    const auto whole = [](std::string&, std::size_t) { return true; };
    REQUIRE_FALSE(error_with_changed(server, client, whole, &total).has_value());
    REQUIRE(total > 700);

    const std::size_t last = total - 32;  // signatures, and padding, differ in length
    std::vector<std::size_t> cuts = {0, 1, 5, 6, last};
    for (std::size_t at = 60; at < last; at += 67) cuts.push_back(at);
    for (const std::size_t cut : cuts) {
      CAPTURE(cut);
      const auto error = error_with_changed(server, client, [cut](std::string& up, std::size_t at) {
        up.resize(std::min(up.size(), cut - at));
        return at + up.size() < cut;
      });
      REQUIRE(error.has_value());
      CHECK(error->code == Error::Code::tls_closed);
      CHECK(error->message == std::string(kName) + "the client closed the connection " +
                                  (cut == 0 ? "without a word" : "before the handshake was done"));
    }
  }

  TEST_CASE("a byte that was changed on the way fails the handshake, wherever it is") {
    const ServerContext server = serving({.client_ca = test_ca().certificate});
    const ClientContext client = visiting({.resumes_sessions = false}, client_identity());
    for (std::size_t place = 5; place < 700; place += 61) {
      CAPTURE(place);
      const auto error =
          error_with_changed(server, client, [place](std::string& up, std::size_t at) {
            if (at <= place && place < at + up.size()) {
              up[place - at] = static_cast<char>(up[place - at] ^ 0x11);
            }
            return true;
          });
      CHECK(error.has_value());
    }
  }

  TEST_CASE("a plain HTTP request is answered for people, and quoted by nobody") {
    constexpr std::string_view kRequest = "GET /?token=secret HTTP/1.1\r\nHost: h\r\n\r\n";
    for (const std::size_t most : {std::string::npos, std::size_t{1}}) {
      const Verdict verdict = verdict_on(kRequest, most);
      CHECK(verdict.error.code == Error::Code::tls_handshake);
      CHECK(verdict.error.message ==
            std::string(kName) + "the client does not speak TLS, but plain HTTP");
      CHECK(verdict.answer.starts_with("HTTP/1.1 400 Bad Request\r\n"));
      const std::size_t body = verdict.answer.find("\r\n\r\n") + 4;
      CHECK(verdict.answer.find("Content-Length: " +
                                std::to_string(verdict.answer.size() - body)) != std::string::npos);
    }
  }

  TEST_CASE("what is neither TLS nor HTTP is refused") {
    for (const std::string_view bytes :
         {std::string_view("SSH-2.0-OpenSSH_9.2\r\n"), std::string_view("\0\0\0\0\0\0\0\0", 8),
          std::string_view("\x80\x2e\x01\x03\x01\x00\x15\x00", 8)}) {
      const Verdict verdict = verdict_on(bytes);
      CHECK(verdict.error.message == std::string(kName) + "the client does not speak TLS");
      CHECK_FALSE(verdict.answer.starts_with("HTTP"));
    }
    for (const std::string_view bytes :
         {std::string_view("\x16\x03\x01\x00\x00\x16\x03\x01\x00\x00", 10),
          std::string_view("\x16\x03\x01\xff\xff", 5),
          std::string_view("\x16\x03\x03\x00\x04\x02\x00\x00\x00", 9),
          std::string_view("\x16\x03\x01\x00\x06\x01\x00\x00\x02\x03\x03", 11),
          std::string_view("\x17\x03\x03\x00\x02hi", 7)}) {
      const Verdict verdict = verdict_on(bytes);
      CHECK(verdict.error.phase == Phase::tls);
      CHECK(verdict.error.message.starts_with(kName));
    }
  }

  TEST_CASE("a handshake destroyed at any moment closes the stream and tells nobody") {
    for (int rounds = 0; rounds < 3; ++rounds) {
      Meeting meeting;
      meeting.start(serving(), visiting());
      for (int round = 0; round < rounds; ++round) meeting.carry();
      if (meeting.server.is_done()) break;
      meeting.server.handshake.reset();
      CHECK(meeting.server.inner == nullptr);
      meeting.loop.spin();
      CHECK(meeting.server.times_told == 0);
    }
  }
}

}  // namespace xtrace::testing::tls_server_refusal_test
