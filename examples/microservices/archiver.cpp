#include "microservices/archiver.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

namespace xtrace::examples {

namespace {

constexpr std::string_view kPath = "/archive/";

std::string href_of(std::uint64_t number) {
  return std::string(kPath) + std::to_string(number);
}

/// Of decimal digits alone; a number past all numbers is the greatest.
std::optional<std::uint64_t> parse_number(std::string_view text) {
  const bool is_number = !text.empty() && std::ranges::all_of(text, [](char letter) {
    return letter >= '0' && letter <= '9';
  });
  if (!is_number) return std::nullopt;
  std::uint64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  return result.ec == std::errc() ? number : UINT64_MAX;
}

}  // namespace

std::uint64_t Archive::add(Document document) {
  documents_.push_back(std::move(document));
  return documents_.size();
}

const Document* Archive::find(std::uint64_t number) const {
  return number == 0 || number > documents_.size() ? nullptr : &documents_[number - 1];
}

Expected<std::unique_ptr<Archiver>> Archiver::start(Loop& loop, const ArchiverConfig& config) {
  std::unique_ptr<Archiver> archiver(new Archiver(config.payload_limit));
  Archiver& self = *archiver;
  auto service = Service::start(
      loop, config.service,
      {{"POST", "/archive", [&self](Visit visit) { self.take(std::move(visit)); }},
       {"GET", std::string(kPath), [&self](Visit visit) { self.show(std::move(visit)); }}});
  if (const auto* error = service.if_error()) return *error;
  archiver->service_ = std::move(service).value();
  return archiver;
}

Archiver::~Archiver() = default;

void Archiver::take(Visit visit) {
  // Told by its length already, it need not be read.
  if (visit.call().request().content_length.value_or(0) > payload_limit_) {
    return visit.refuse(too_large());
  }
  visit.call().set_body_limit(payload_limit_);
  auto kept = std::make_unique<Visit>(std::move(visit));
  ServerCall& call = kept->call();
  call.collect_body([this, visit = std::move(kept)](const Expected<std::string>& payload) {
    keep(std::move(*visit), payload);
  });
}

void Archiver::keep(Visit visit, const Expected<std::string>& payload) {
  if (const auto* error = payload.if_error()) {
    if (!visit.call().is_open()) return;  // the client is gone, or was answered by the server
    if (error->code == Error::Code::body_too_large) return visit.refuse(too_large());
    return visit.refuse({400, "invalid_request", error->message, {}});
  }
  auto document = parse_document(*payload);
  if (const auto* error = document.if_error()) {
    return visit.refuse({400, "invalid_request", error->message, {}});
  }
  const std::uint64_t number = archive_.add(std::move(document).value());
  visit.answer(kArchiveMedia, to_json(*archive_.find(number), href_of(number)));
}

void Archiver::show(Visit visit) const {
  const std::string_view id = visit.call().request().path.substr(kPath.size());
  const auto number = parse_number(id);
  if (!number) {
    return visit.refuse({400, "invalid_request", "the id of a document is a natural number", {}});
  }
  const Document* document = archive_.find(*number);
  if (document == nullptr) {
    return visit.refuse(
        {404, "not_found", "there is no document of that id", {{"id", std::to_string(*number)}}});
  }
  visit.answer(kArchiveMedia, to_json(*document, href_of(*number)));
}

Refusal Archiver::too_large() const {
  const std::string limit = std::to_string(payload_limit_);
  return {413,
          "request_too_large",
          "the payload is larger than the " + limit + " bytes that fit",
          {{"limit", limit}}};
}

}  // namespace xtrace::examples
