#pragma once

/// libcurl, traced: a transfer of the application's own easy handle carries the trace header, and
/// becomes the subsegments that a `TracedClient` records.
///
///     CURL* handle = curl_easy_init();
///     TracedCurl traced(handle);
///     curl_easy_setopt(handle, CURLOPT_URL, "https://api.example.com/v1");
///     CURLcode result = traced.perform(segment.context());
///
/// With the multi interface: `begin` before `curl_multi_add_handle`, `finish` on CURLMSG_DONE.
/// Link libxtrace and libcurl (7.80 or newer). docs/adapters.md tells what libcurl's times mean
/// and what it does not tell.
///
/// **What it takes over.** From `begin` to `finish` the handle's CURLOPT_HTTPHEADER,
/// CURLOPT_PREREQFUNCTION and CURLOPT_PREREQDATA are the adapter's. libcurl does not say what they
/// were, so an application that sets one hands it over with `begin` (`CurlOwn`): its list is sent
/// behind the trace header and its callback called; afterwards the handle has them again.
///
/// **Lives.** A `TracedCurl` is made for one easy handle, is used for one transfer after the other,
/// and goes before `curl_easy_cleanup`. One that goes, or begins anew, without `finish` records
/// that its transfer was cancelled, so take the handle from its multi handle first. Between
/// `begin` and `finish` neither `curl_easy_reset` the handle (the header would not be sent) nor
/// perform a `curl_easy_duphandle` of it before it has been given its own three options, best by a
/// `TracedCurl` of its own. Before `begin` and after `finish` both do no harm.
///
/// On the thread that drives the handle.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include <curl/curl.h>

#include <xtrace/adapters/curl_headers.h>
#include <xtrace/adapters/curl_leg.h>
#include <xtrace/adapters/curl_legs.h>
#include <xtrace/adapters/curl_recorder.h>
#include <xtrace/address.h>
#include <xtrace/clock.h>
#include <xtrace/segment_context.h>

namespace xtrace {

struct TracedCurlOptions {
  /// Strip query strings and userinfo from every recorded URL and message.
  bool redact = true;
  /// Send W3C's `traceparent` beside `X-Amzn-Trace-Id`.
  bool sends_traceparent = false;
  /// Asked once a connection, when its handshake is done, to say what was agreed on; null: that is
  /// not recorded. adapters/curl_openssl.h has one for libcurl with OpenSSL.
  CurlTlsFacts tls_facts = nullptr;
};

/// What the application would have set on the handle itself. All of it outlives the transfer.
struct CurlOwn {
  curl_slist* headers = nullptr;            ///< CURLOPT_HTTPHEADER
  curl_prereq_callback on_ready = nullptr;  ///< CURLOPT_PREREQFUNCTION
  void* ready_data = nullptr;               ///< CURLOPT_PREREQDATA
};

class TracedCurl {
 public:
  explicit TracedCurl(CURL* handle, const TracedCurlOptions& options = {})
      : handle_(handle), options_(options) {}
  TracedCurl(const TracedCurl&) = delete;
  TracedCurl& operator=(const TracedCurl&) = delete;
  ~TracedCurl() { abort(); }

  /// Directly before the transfer, which is to be a subsegment of `parent`. For a trace that is
  /// not sampled the header goes on and nothing is recorded; for an empty context the handle only
  /// gets what is the application's own.
  void begin(SegmentContext parent, const CurlOwn& own = {}) {
    abort();
    parent_ = std::move(parent);
    own_ = own;
    is_running_ = true;
    const bool has_trace = parent_.has_trace();
    set_headers(has_trace ? headers_.begin(parent_, own.headers, options_.sends_traceparent)
                          : own.headers);
    set_callback(parent_ ? &TracedCurl::on_ready : own.on_ready, parent_ ? this : own.ready_data);
    if (!parent_) return;
    legs_.begin(handle_);
    headers_.name(legs_.next_id());
    begun_ = now();
  }

  /// The transfer is over: records it. `result` is what `curl_easy_perform` returned or the
  /// CURLMsg says, `error_text` what stands in the application's CURLOPT_ERRORBUFFER. Without
  /// `begin` it does nothing, so that nothing is recorded twice.
  void finish(CURLcode result, std::string_view error_text = {}) {
    end({.handle = handle_, .result = result, .error_text = error_text});
  }

  /// The application gives up a transfer that has begun: records that it was cancelled.
  void abort() { end({.handle = handle_, .is_given_up = true}); }

  /// `begin`, `curl_easy_perform`, `finish`.
  CURLcode perform(SegmentContext parent, const CurlOwn& own = {}) {
    begin(std::move(parent), own);
    const CURLcode result = curl_easy_perform(handle_);
    finish(result);
    return result;
  }

  /// From `begin` to `finish`.
  bool is_running() const { return is_running_; }

  /// For uploads, whose phases libcurl tells apart only from 8.10 on. Call the one from
  /// CURLOPT_READFUNCTION when there is no more to send, the other from CURLOPT_HEADERFUNCTION for
  /// the final status line.
  void body_was_sent() { tell(&CurlLeg::body_sent); }
  void answer_has_begun() { tell(&CurlLeg::answered); }

 private:
  // Nothing may be thrown through libcurl.
  static int on_ready(void* self, char* remote, char* local, int remote_port,
                      int local_port) noexcept {
    return static_cast<TracedCurl*>(self)->note_ready(remote, local, remote_port, local_port);
  }

  int note_ready(char* remote, char* local, int remote_port, int local_port) {
    headers_.name(legs_.next_id());
    legs_.add_ready(address(remote, remote_port), address(local, local_port), options_.tls_facts);
    if (own_.on_ready == nullptr) return CURL_PREREQFUNC_OK;
    return own_.on_ready(own_.ready_data, remote, local, remote_port, local_port);
  }

  static Address address(const char* host, int port) {
    const Expected<Address> parsed =
        Address::from_ip(host != nullptr ? host : "", static_cast<std::uint16_t>(port));
    return parsed ? *parsed : Address();
  }

  void tell(std::optional<Tick> CurlLeg::*moment) {
    if (CurlLeg* const leg = legs_.current()) leg->*moment = std::chrono::steady_clock::now();
  }

  void end(CurlTransfer transfer) {
    if (!std::exchange(is_running_, false)) return;
    set_headers(own_.headers);
    set_callback(own_.on_ready, own_.ready_data);
    if (const SegmentContext parent = std::exchange(parent_, {}); parent) {
      transfer.begun = begun_;
      transfer.over = std::chrono::steady_clock::now();
      transfer.progress = legs_.finish();
      transfer.legs = legs_.all();
      transfer.uploaded = std::max<curl_off_t>(0, curl_size(handle_, CURLINFO_SIZE_UPLOAD_T));
      CurlRecorder(transfer, options_.redact).record_below(parent);
    }
  }

  void set_headers(curl_slist* headers) { curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, headers); }
  void set_callback(curl_prereq_callback callback, void* data) {
    curl_easy_setopt(handle_, CURLOPT_PREREQFUNCTION, callback);
    curl_easy_setopt(handle_, CURLOPT_PREREQDATA, data);
  }

  CURL* handle_;
  TracedCurlOptions options_;
  SegmentContext parent_{};
  CurlOwn own_{};
  bool is_running_ = false;
  TimePoint begun_{};
  CurlHeaders headers_{};
  CurlLegs legs_{};
};

}  // namespace xtrace
