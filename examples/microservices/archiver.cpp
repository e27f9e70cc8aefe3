#include "microservices/archiver.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

namespace xtrace::examples {

namespace {

constexpr std::string_view kArchivePath = "/archive/";

std::string href_of(std::uint64_t number) {
  return std::string(kArchivePath) + std::to_string(number);
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
       {"GET", std::string(kArchivePath), [&self](Visit visit) { self.show(std::move(visit)); }}});
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
  // Counted here, so that the refusal is ours.
  visit.call().set_body_limit(UINT64_MAX);
  auto upload = std::make_unique<Upload>(Upload{std::move(visit), {}});
  ServerCall& call = upload->visit.call();
  call.read_body(
      [this, upload = std::move(upload)](const auto& piece) mutable { return add(upload, piece); });
}

Flow Archiver::add(std::unique_ptr<Upload>& upload,
                   const Expected<std::span<const std::byte>>& piece) {
  if (!upload) return Flow::pause;  // was refused
  if (!piece || piece->empty()) {
    const std::unique_ptr<Upload> whole = std::move(upload);
    if (piece) keep(whole->visit, whole->payload);  // else the client is gone, or broke the rules
    return Flow::pause;
  }
  if (piece->size() > payload_limit_ - upload->payload.size()) {
    const std::unique_ptr<Upload> refused = std::move(upload);
    refused->visit.refuse(too_large());
    return Flow::pause;
  }
  upload->payload.append(reinterpret_cast<const char*>(piece->data()), piece->size());
  return Flow::proceed;
}

void Archiver::keep(Visit& visit, std::string_view payload) {
  auto document = parse_document(payload);
  if (const auto* error = document.if_error()) {
    return visit.refuse({400, "invalid_request", error->message, {}});
  }
  const std::uint64_t number = archive_.add(std::move(document).value());
  visit.answer(kArchiveMedia, to_json(*archive_.find(number), href_of(number)));
}

void Archiver::show(Visit visit) const {
  const std::string_view id = visit.call().request().path.substr(kArchivePath.size());
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
