#pragma once

/// The physical requests of a transfer, taken down while it runs. Part of adapters/curl.h.

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include <xtrace/adapters/curl_progress.h>
#include <xtrace/address.h>
#include <xtrace/http.h>
#include <xtrace/tls.h>
#include <xtrace/trace_id.h>

namespace xtrace {

/// Asked once a connection, when its handshake is done, to say what was agreed on.
using CurlTlsFacts = void (*)(const curl_tlssessioninfo& session, TlsInfo& info);

/// One physical request.
struct CurlLeg {
  /// As it stands in CURLINFO_EFFECTIVE_URL, and as a request of ours where it is one.
  std::string url{};
  std::string method{};
  std::optional<Request> request{};
  SegmentId id{};
  /// Whether there was a connection to send it over, and then when, and what libcurl said.
  bool is_ready = false;
  Tick ready{};
  CurlProgress at_ready{};
  Address remote{};
  Address local{};
  std::optional<TlsInfo> tls{};
  /// The moments that the application told, where it did.
  std::optional<Tick> body_sent{};
  std::optional<Tick> answered{};
  /// The answer's, 0 without one.
  int status = 0;
  std::optional<std::uint64_t> content_length{};
  /// Nobody answered, and libcurl sent it again.
  bool is_repeated = false;

  /// Begins another, with the memory of this one: mostly it asks for the same.
  void begin(CURL* handle, const SegmentId& named) {
    id = named;
    is_ready = false;
    at_ready = {};
    remote = {};
    local = {};
    tls.reset();
    body_sent.reset();
    answered.reset();
    status = 0;
    content_length.reset();
    is_repeated = false;
    const std::string_view asked = curl_text(handle, CURLINFO_EFFECTIVE_URL);
    if (asked != url || !request) {
      url = asked;
      request.reset();
      if (Expected<Url> parsed = Url::parse(url)) request.emplace(std::move(*parsed));
    }
    method = curl_text(handle, CURLINFO_EFFECTIVE_METHOD);
    if (method.empty()) method = "GET";
    if (request) request->method = method;
  }
};

class CurlLegs {
 public:
  /// For a transfer of `handle`.
  void begin(CURL* handle) {
    handle_ = handle;
    count_ = 0;
    next_id_ = SegmentId::generate();
    total_before_ = curl_duration(handle, CURLINFO_TOTAL_TIME_T);
  }

  std::span<CurlLeg> all() { return {legs_.data(), count_}; }
  /// What the next request is to name as its parent.
  const SegmentId& next_id() const { return next_id_; }
  /// The request under way; null before there was one.
  CurlLeg* current() { return count_ > 0 ? &legs_[count_ - 1] : nullptr; }

  /// There is a connection for the next request.
  CurlLeg& add_ready(const Address& remote, const Address& local, CurlTlsFacts tls_facts) {
    const Tick ready = std::chrono::steady_clock::now();
    const CurlProgress progress = read_curl_progress(handle_);
    CurlLeg* const before = count_ > 0 ? &legs_[count_ - 1] : nullptr;
    const long connects = before != nullptr ? before->at_ready.connects : 0;
    if (before != nullptr) note_left(*before, progress);
    CurlLeg& leg = add();
    leg.is_ready = true;
    leg.ready = ready;
    leg.at_ready = progress;
    leg.remote = remote;
    leg.local = local;
    if (tls_facts != nullptr && progress.connects > connects) note_tls(leg, tls_facts);
    return leg;
  }

  /// The transfer is over. Adds the request that never had a connection, where there was one, and
  /// returns what libcurl says in the end; zeros if it was never asked to begin.
  CurlProgress finish() {
    CurlProgress progress = read_curl_progress(handle_);
    if (count_ == 0 && progress.total == total_before_) progress = {};
    const bool has_more = count_ == 0 || progress.redirect != legs_[count_ - 1].at_ready.redirect;
    if (has_more) {
      if (count_ > 0) note_left(legs_[count_ - 1], progress);
      note_unconnected(add());
    } else if (progress.header_bytes > legs_[count_ - 1].at_ready.header_bytes) {
      note_answer(legs_[count_ - 1]);
    }
    return progress;
  }

 private:
  CurlLeg& add() {
    if (count_ == legs_.size()) legs_.emplace_back();
    CurlLeg& leg = legs_[count_++];
    leg.begin(handle_, std::exchange(next_id_, SegmentId::generate()));
    return leg;
  }

  /// `leg` was not the last: it led on, or nobody answered and it is sent again.
  void note_left(CurlLeg& leg, const CurlProgress& progress) {
    leg.is_repeated = progress.redirects == leg.at_ready.redirects;
    if (leg.is_repeated) return;
    leg.status = static_cast<int>(curl_number(handle_, CURLINFO_RESPONSE_CODE));
    leg.content_length = announced_length(static_cast<int>(count_) - 1);
  }

  /// By the answer to the request of that number.
  std::optional<std::uint64_t> announced_length(int request) {
#if LIBCURL_VERSION_NUM >= 0x075300
    curl_header* header = nullptr;
    if (curl_easy_header(handle_, "Content-Length", 0, CURLH_HEADER, request, &header) ==
        CURLHE_OK) {
      const std::string_view text = header->value;
      std::uint64_t length = 0;
      if (std::from_chars(text.data(), text.data() + text.size(), length).ec == std::errc()) {
        return length;
      }
    }
#endif
    return std::nullopt;
  }

  void note_answer(CurlLeg& leg) {
    const long status = curl_number(handle_, CURLINFO_RESPONSE_CODE);
    if (status < 200) return;
    leg.status = static_cast<int>(status);
    const curl_off_t length = curl_size(handle_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T);
    if (length >= 0) leg.content_length = static_cast<std::uint64_t>(length);
  }

  /// libcurl rarely says whom it tried to reach. Without a name to look up there is one address.
  void note_unconnected(CurlLeg& leg) {
    const long port = curl_number(handle_, CURLINFO_PRIMARY_PORT);
    Expected<Address> address =
        Address::from_ip(count_ == 1 ? curl_text(handle_, CURLINFO_PRIMARY_IP) : std::string_view(),
                         static_cast<std::uint16_t>(port));
    if (!address && leg.request && leg.request->url.host_is_ip()) {
      address = Address::from_ip(leg.request->url.host(), leg.request->url.port());
    }
    if (address) leg.remote = *address;
  }

  void note_tls(CurlLeg& leg, CurlTlsFacts tls_facts) {
    const curl_tlssessioninfo* session = nullptr;
    curl_easy_getinfo(handle_, CURLINFO_TLS_SSL_PTR, &session);
    if (session == nullptr || session->internals == nullptr) return;
    tls_facts(*session, leg.tls.emplace());
  }

  CURL* handle_ = nullptr;
  Duration total_before_{};
  SegmentId next_id_{};
  std::vector<CurlLeg> legs_{};
  std::size_t count_ = 0;  // of legs_, those of this transfer
};

}  // namespace xtrace
