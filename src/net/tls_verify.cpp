#include "net/tls_verify.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <utility>
#include <vector>

#include "net/tls_names.h"

namespace xtrace::tls {

namespace {

/// What is wrong with one certificate of the chain.
struct Finding {
  const mbedtls_x509_crt* certificate;
  std::uint32_t flags;
};

struct Verdict {
  int code = 0;
  std::uint32_t flags = 0;
  std::vector<Finding> findings;  // from the CA down to the peer
};

int note_finding(void* verdict, mbedtls_x509_crt* certificate, int /*depth*/,
                 std::uint32_t* flags) {
  static_cast<Verdict*>(verdict)->findings.push_back({certificate, *flags});
  return 0;
}

Verdict judge(mbedtls_x509_crt& chain, CertificateChain& anchors, const char* dns_name) {
  Verdict verdict;
  mbedtls_x509_crt* trusted = anchors->raw.p != nullptr ? anchors.get() : nullptr;
  verdict.code = mbedtls_x509_crt_verify_with_profile(&chain, trusted, nullptr,
                                                      &mbedtls_x509_crt_profile_default, dns_name,
                                                      &verdict.flags, note_finding, &verdict);
  return verdict;
}

// The key's own certificate must allow what the cipher suite does with the key (RFC 5246 7.4.2).
unsigned int needed_key_usage(std::string_view cipher) {
  if (cipher.starts_with("TLS-RSA-")) return MBEDTLS_X509_KU_KEY_ENCIPHERMENT;
  if (cipher.starts_with("TLS-ECDH-")) return MBEDTLS_X509_KU_KEY_AGREEMENT;
  return MBEDTLS_X509_KU_DIGITAL_SIGNATURE;
}

std::uint32_t judge_server_purpose(const mbedtls_x509_crt& certificate, std::string_view cipher) {
  std::uint32_t flags = 0;
  if (mbedtls_x509_crt_check_key_usage(&certificate, needed_key_usage(cipher)) != 0) {
    flags |= MBEDTLS_X509_BADCERT_KEY_USAGE;
  }
  if (mbedtls_x509_crt_check_extended_key_usage(&certificate, MBEDTLS_OID_SERVER_AUTH,
                                                MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)) != 0) {
    flags |= MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
  }
  return flags;
}

// A client signs with its key, whatever the cipher suite.
std::uint32_t judge_client_purpose(const mbedtls_x509_crt& certificate) {
  std::uint32_t flags = 0;
  if (mbedtls_x509_crt_check_key_usage(&certificate, MBEDTLS_X509_KU_DIGITAL_SIGNATURE) != 0) {
    flags |= MBEDTLS_X509_BADCERT_KEY_USAGE;
  }
  if (mbedtls_x509_crt_check_extended_key_usage(&certificate, MBEDTLS_OID_CLIENT_AUTH,
                                                MBEDTLS_OID_SIZE(MBEDTLS_OID_CLIENT_AUTH)) != 0) {
    flags |= MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
  }
  return flags;
}

std::string date_of(const mbedtls_x509_time& time) {
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02dZ", time.year, time.mon,
                time.day, time.hour, time.min, time.sec);
  return text.data();
}

const mbedtls_x509_crt& culprit(const Verdict& verdict, std::uint32_t flag,
                                const mbedtls_x509_crt& otherwise) {
  const auto found = std::find_if(verdict.findings.rbegin(), verdict.findings.rend(),
                                  [flag](const Finding& f) { return (f.flags & flag) != 0; });
  return found == verdict.findings.rend() ? otherwise : *found->certificate;
}

bool is_own_issuer(const mbedtls_x509_crt& certificate) {
  return text_of(certificate.issuer_raw) == text_of(certificate.subject_raw);
}

Error fault(Error::Code code, std::string message) {
  return {code, Phase::tls, std::move(message)};
}

Error distrust(const Verdict& verdict, const mbedtls_x509_crt& peer, const std::string& name) {
  const auto& top = culprit(verdict, MBEDTLS_X509_BADCERT_NOT_TRUSTED, peer);
  if (&top == &peer && is_own_issuer(peer)) {
    return fault(Error::Code::cert_self_signed, "the certificate of " + name + " is self-signed (" +
                                                    to_string(peer.subject) + ") and not trusted");
  }
  const std::string issuer = to_string(top.issuer);
  if (&top == &peer) {
    return fault(Error::Code::cert_untrusted, "the certificate of " + name + " was issued by " +
                                                  issuer + ", which is not trusted");
  }
  return fault(Error::Code::cert_untrusted, "the certificate chain of " + name + " ends in " +
                                                issuer + ", which is not trusted");
}

// `the certificate of api.example.com`, or which of those behind it.
std::string named(const mbedtls_x509_crt& one, const mbedtls_x509_crt& peer,
                  const std::string& name) {
  if (&one == &peer) return "the certificate of " + name;
  return "the certificate " + to_string(one.subject) + " in the chain of " + name;
}

struct Defect {
  std::uint32_t flag;
  std::string_view sentence;
  std::string_view sentence_on_client = sentence;
};

constexpr auto kDefects = std::to_array<Defect>({
    {MBEDTLS_X509_BADCERT_BAD_MD, "is signed with a hash that is too weak"},
    {MBEDTLS_X509_BADCERT_BAD_KEY, "has or is signed with a key that is too short"},
    {MBEDTLS_X509_BADCERT_BAD_PK, "has or is signed with a kind of key that is not accepted"},
    {MBEDTLS_X509_BADCERT_KEY_USAGE, "forbids the use of its key in this handshake"},
    {MBEDTLS_X509_BADCERT_EXT_KEY_USAGE, "is not meant for a server", "is not meant for a client"},
    {MBEDTLS_X509_BADCERT_NS_CERT_TYPE, "is not meant for a server", "is not meant for a client"},
    {MBEDTLS_X509_BADCERT_REVOKED, "is revoked"},
});

Error explain(const Verdict& verdict, const mbedtls_x509_crt& peer,
              const Expectation& expectation) {
  const std::string& name = expectation.name;
  // The library gave up; its flags then say everything at once.
  const bool was_judged = verdict.code == 0 || verdict.code == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED;
  if (!was_judged) {
    return fault(Error::Code::cert_invalid,
                 "the certificate of " + name + " cannot be verified: " + reason_of(verdict.code));
  }
  if ((verdict.flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) != 0) {
    return distrust(verdict, peer, name);
  }
  if ((verdict.flags & MBEDTLS_X509_BADCERT_EXPIRED) != 0) {
    const auto& old = culprit(verdict, MBEDTLS_X509_BADCERT_EXPIRED, peer);
    return fault(Error::Code::cert_expired,
                 named(old, peer, name) + " expired on " + date_of(old.valid_to));
  }
  if ((verdict.flags & MBEDTLS_X509_BADCERT_FUTURE) != 0) {
    const auto& early = culprit(verdict, MBEDTLS_X509_BADCERT_FUTURE, peer);
    return fault(Error::Code::cert_not_yet_valid,
                 named(early, peer, name) + " is not valid before " + date_of(early.valid_from));
  }
  if ((verdict.flags & MBEDTLS_X509_BADCERT_CN_MISMATCH) != 0) {
    return fault(Error::Code::cert_wrong_host,
                 "the certificate is for " + list_names(peer) + ", not for " + name);
  }
  for (const Defect& defect : kDefects) {
    if ((verdict.flags & defect.flag) == 0) continue;
    const auto& one = culprit(verdict, defect.flag, peer);
    const auto sentence =
        expectation.peer == Side::client ? defect.sentence_on_client : defect.sentence;
    return fault(Error::Code::cert_invalid, named(one, peer, name) + " " + std::string(sentence));
  }
  return fault(Error::Code::cert_invalid, "the certificate of " + name + " is not acceptable");
}

}  // namespace

Expected<void> verify(mbedtls_x509_crt& chain, const TrustStore& trust,
                      const Expectation& expectation) {
  const bool is_server = expectation.peer == Side::server;
  const bool is_address = is_server && is_ip_address(expectation.name);
  const char* dns_name = is_server && !is_address ? expectation.name.c_str() : nullptr;

  CertificateChain likely;
  Verdict verdict;
  verdict.flags = MBEDTLS_X509_BADCERT_NOT_TRUSTED;
  if (trust.add_issuers(chain, likely) > 0) verdict = judge(chain, likely, dns_name);
  CertificateChain all;
  if ((verdict.flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) != 0) {
    // Nobody was found under the exact name; the library compares names less strictly.
    trust.add_all(all);
    verdict = judge(chain, all, dns_name);
  }

  verdict.flags |=
      is_server ? judge_server_purpose(chain, expectation.cipher) : judge_client_purpose(chain);
  if (is_address && !names_address(chain, expectation.name)) {
    verdict.flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
  }
  if (verdict.code == 0 && verdict.flags == 0) return {};
  return explain(verdict, chain, expectation);
}

int alert_for(Error::Code code) {
  switch (code) {
    case Error::Code::cert_untrusted:
    case Error::Code::cert_self_signed:
      return MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA;
    case Error::Code::cert_expired:
    case Error::Code::cert_not_yet_valid:
      return MBEDTLS_SSL_ALERT_MSG_CERT_EXPIRED;
    default:
      return MBEDTLS_SSL_ALERT_MSG_BAD_CERT;
  }
}

}  // namespace xtrace::tls
