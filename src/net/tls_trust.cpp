#include "net/tls_trust.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <utility>

namespace xtrace::tls {

namespace {

constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kEnd = "-----END CERTIFICATE-----";

constexpr std::array<std::int8_t, 256> make_base64_values() {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}

constexpr auto kBase64Values = make_base64_values();

// Only finds names; the certificates that matter are decoded and checked by the library.
void decode_base64(std::string_view text, std::size_t most, std::string& into) {
  into.clear();
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::int8_t value = kBase64Values[static_cast<unsigned char>(c)];
    if (value < 0) continue;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    into.push_back(static_cast<char>(bits >> count & 0xFF));
    if (into.size() == most) return;
  }
}

/// Walks over DER elements of which the end may be missing.
class DerCursor {
 public:
  explicit DerCursor(std::string_view bytes) : rest_(bytes) {}

  bool next_is(unsigned char tag) const {
    return !rest_.empty() && static_cast<unsigned char>(rest_[0]) == tag;
  }

  /// Steps over the header of a constructed element, to the first element inside.
  bool enter() {
    const auto header = read_header();
    if (!header) return false;
    rest_.remove_prefix(header->size);
    return true;
  }

  /// The whole next element with its header; nothing if it is not all there.
  std::optional<std::string_view> take() {
    const auto header = read_header();
    if (!header || header->content > rest_.size() - header->size) return std::nullopt;
    const auto element = rest_.substr(0, header->size + header->content);
    rest_.remove_prefix(element.size());
    return element;
  }

 private:
  struct Header {
    std::size_t size;
    std::size_t content;
  };

  std::optional<Header> read_header() const {
    if (rest_.size() < 2) return std::nullopt;
    const auto first = static_cast<unsigned char>(rest_[1]);
    if (first < 0x80) return Header{2, first};
    const std::size_t count = first & 0x7FU;
    if (count == 0 || count > 4 || rest_.size() < 2 + count) return std::nullopt;
    std::size_t content = 0;
    for (const char c : rest_.substr(2, count)) {
      content = content << 8 | static_cast<unsigned char>(c);
    }
    return Header{2 + count, content};
  }

  std::string_view rest_;
};

std::string_view find_subject(std::string_view certificate) {
  constexpr unsigned char kVersion = 0xA0;
  constexpr unsigned char kSequence = 0x30;
  DerCursor cursor(certificate);
  if (!cursor.enter() || !cursor.enter()) return {};
  if (cursor.next_is(kVersion) && !cursor.take()) return {};
  // serial number, signature algorithm, issuer, validity
  for (int i = 0; i < 4; ++i) {
    if (!cursor.take()) return {};
  }
  if (!cursor.next_is(kSequence)) return {};
  return cursor.take().value_or(std::string_view());
}

// The subject of the certificate inside a PEM block, decoded into `scratch`; empty if there is
// none.
std::string_view subject_of_pem(std::string_view block, std::string& scratch) {
  if (block.size() < kBegin.size() + kEnd.size()) return {};
  block.remove_prefix(kBegin.size());
  block.remove_suffix(kEnd.size());
  // The subject stands near the front, and reading a whole store is most of what it costs.
  constexpr std::size_t kUsuallyEnough = 768;
  decode_base64(block, kUsuallyEnough, scratch);
  if (const auto subject = find_subject(scratch); !subject.empty()) return subject;
  decode_base64(block, std::numeric_limits<std::size_t>::max(), scratch);
  return find_subject(scratch);
}

}  // namespace

TrustStore::TrustStore(std::string pem) : pem_(std::move(pem)) {
  std::string scratch;
  std::size_t at = 0;
  while ((at = pem_.find(kBegin, at)) != std::string::npos) {
    const std::size_t end = pem_.find(kEnd, at);
    if (end == std::string::npos) break;
    Entry entry{.subject_hash = 0, .begin = at, .size = end + kEnd.size() - at};
    at += entry.size;
    const std::string_view subject = subject_of_pem(block(entry), scratch);
    if (subject.empty()) {
      has_unreadable_ = true;
      continue;
    }
    entry.subject_hash = std::hash<std::string_view>{}(subject);
    entries_.push_back(entry);
  }
}

std::size_t TrustStore::add_issuers(const mbedtls_x509_crt& peer, CertificateChain& anchors) const {
  std::vector<std::size_t> wanted;
  for (const mbedtls_x509_crt* one = &peer; one != nullptr; one = one->next) {
    wanted.push_back(std::hash<std::string_view>{}(text_of(one->issuer_raw)));
  }
  std::size_t added = 0;
  for (const Entry& entry : entries_) {
    if (std::find(wanted.begin(), wanted.end(), entry.subject_hash) == wanted.end()) continue;
    if (add_certificates(block(entry), anchors) == 0) ++added;
  }
  return added;
}

void TrustStore::add_all(CertificateChain& anchors) const {
  for (const Entry& entry : entries_) {
    // One that the library cannot read is one that nobody can be verified with.
    static_cast<void>(add_certificates(block(entry), anchors));
  }
}

std::string TrustStore::first_defect() const {
  if (has_unreadable_) return "a certificate in it is not valid DER";
  CertificateChain parsed;
  for (const Entry& entry : entries_) {
    if (const int code = add_certificates(block(entry), parsed); code != 0) return reason_of(code);
  }
  return {};
}

std::string_view TrustStore::block(const Entry& entry) const {
  return std::string_view(pem_).substr(entry.begin, entry.size);
}

}  // namespace xtrace::tls
