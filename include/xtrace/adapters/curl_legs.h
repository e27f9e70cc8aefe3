#pragma once

/// The physical requests of a transfer, taken down while it runs. Part of adapters/curl.h.

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include <xtrace/adapters/curl_leg.h>
#include <xtrace/adapters/curl_progress.h>
#include <xtrace/address.h>
#include <xtrace/http.h>
#include <xtrace/trace_id.h>

namespace xtrace {

class CurlLegs {
 public:
  /// For a transfer of `handle`.
  void begin(CURL* handle) {
    handle_ = handle;
    count_ = 0;
    is_id_taken_ = true;
    total_before_ = curl_duration(handle, CURLINFO_TOTAL_TIME_T);
  }

  std::span<CurlLeg> all() { return {legs_.data(), count_}; }
  /// What the next request is to name as its parent.
  const SegmentId& next_id() {
    if (std::exchange(is_id_taken_, false)) next_id_ = SegmentId::generate();
    return next_id_;
  }
  /// The request under way; null before there was one.
  CurlLeg* current() { return count_ > 0 ? &legs_[count_ - 1] : nullptr; }

  /// There is a connection for the next request.
  CurlLeg& add_ready(const Address& remote, const Address& local, CurlTlsFacts tls_facts) {
    const Tick ready = std::chrono::steady_clock::now();
    CurlProgress progress;
    read_curl_connection(handle_, progress);
    long connects = 0;
    if (CurlLeg* const before = current()) {
      connects = before->at_ready.connects;
      read_curl_exchange(handle_, progress);
      note_left(*before, progress);
    }
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
    CurlProgress progress;
    read_curl_exchange(handle_, progress);
    CurlLeg* const last = current();
    if (last != nullptr && progress.redirect == last->at_ready.redirect) {
      if (progress.header_bytes > last->at_ready.header_bytes) note_answer(*last);
      return progress;
    }
    if (last == nullptr && progress.total == total_before_) {
      progress = {};
    } else {
      read_curl_connection(handle_, progress);
    }
    if (last != nullptr) note_left(*last, progress);
    note_unconnected(add());
    return progress;
  }

 private:
  CurlLeg& add() {
    if (count_ == legs_.size()) legs_.emplace_back();
    CurlLeg& leg = legs_[count_++];
    leg.begin(handle_, next_id());
    is_id_taken_ = true;
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
  bool is_id_taken_ = true;
  std::vector<CurlLeg> legs_{};
  std::size_t count_ = 0;  // of legs_, those of this transfer
};

}  // namespace xtrace
