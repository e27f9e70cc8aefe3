// libcurl, traced: URLs fetched by the application's own handles, one by one through the easy
// interface or all at once through the multi interface, under one segment.
//
//     tools/run demo curl [--multi] URL...

#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include <xtrace/adapters/curl.h>
#include <xtrace/segment.h>
#include <xtrace/tracer.h>

namespace {

std::size_t drop(char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

/// A handle as an application has it, and what traces it. libcurl has their addresses.
struct Transfer {
  explicit Transfer(const char* target) : url(target) {
    curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle, CURLOPT_PRIVATE, this);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT, 10L);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, drop);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer() {
    traced.reset();
    curl_easy_cleanup(handle);
  }

  /// Records the end, and says it.
  bool finish(CURLcode result) {
    traced->finish(result, error);
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    if (result == CURLE_OK) {
      std::fprintf(stderr, "%ld %s\n", status, url.c_str());
    } else {
      std::fprintf(stderr, "%s: %s\n", url.c_str(), error[0] ? error : curl_easy_strerror(result));
    }
    return result == CURLE_OK;
  }

  CURL* handle = curl_easy_init();
  std::string url;
  char error[CURL_ERROR_SIZE] = "";
  std::unique_ptr<xtrace::TracedCurl> traced = std::make_unique<xtrace::TracedCurl>(handle);
};

using Transfers = std::vector<std::unique_ptr<Transfer>>;

bool fetch_in_turn(const Transfers& transfers, const xtrace::Segment& segment) {
  bool is_fine = true;
  for (const auto& transfer : transfers) {
    transfer->traced->begin(segment.context());
    is_fine = transfer->finish(curl_easy_perform(transfer->handle)) && is_fine;
  }
  return is_fine;
}

bool fetch_at_once(const Transfers& transfers, const xtrace::Segment& segment) {
  CURLM* const multi = curl_multi_init();
  for (const auto& transfer : transfers) {
    transfer->traced->begin(segment.context());
    curl_multi_add_handle(multi, transfer->handle);
  }
  bool is_fine = true;
  for (int running = 1; running > 0;) {
    curl_multi_perform(multi, &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
      Transfer* transfer = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
      is_fine = transfer->finish(message->data.result) && is_fine;
    }
    if (running > 0) curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
  }
  for (const auto& transfer : transfers) curl_multi_remove_handle(multi, transfer->handle);
  curl_multi_cleanup(multi);
  return is_fine;
}

}  // namespace

int main(int count, char** arguments) {
  const bool at_once = count > 1 && std::strcmp(arguments[1], "--multi") == 0;
  const int first = at_once ? 2 : 1;
  if (count <= first) {
    std::fputs("curl: say which URLs to fetch: [--multi] URL...\n", stderr);
    return 2;
  }
  curl_global_init(CURL_GLOBAL_DEFAULT);
  xtrace::TracerConfig config;
  config.name = "curl-example";
  const auto settings = xtrace::finalize_config(std::move(config));
  if (const xtrace::Error* error = settings.if_error()) {
    std::fprintf(stderr, "curl: %s\n", error->message.c_str());
    return 2;
  }
  xtrace::Tracer tracer{*settings};
  xtrace::Segment segment = tracer.begin_segment();
  Transfers transfers;
  for (int i = first; i < count; ++i) {
    transfers.push_back(std::make_unique<Transfer>(arguments[i]));
  }
  const bool is_fine =
      at_once ? fetch_at_once(transfers, segment) : fetch_in_turn(transfers, segment);
  segment.end();
  for (const std::string& document : segment.documents().documents) std::puts(document.c_str());
  return is_fine ? 0 : 1;
}
