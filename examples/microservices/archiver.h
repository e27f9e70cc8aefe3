#pragma once

/// `Archiver` keeps documents, each the status and the body of some answer, in memory, for as long
/// as it lives.
///
///     POST /archive      {"status":200,"body":"..."}: kept; 200 with its href
///     GET  /archive/N    the same back; 404 where there is none of that number
///     GET  /health       200 `OK`

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "microservices/service.h"

namespace xtrace::examples {

/// Numbered 1, 2, 3...
class Archive {
 public:
  std::uint64_t add(Document document);
  /// Null where there is none of that number. Valid until the next `add`.
  const Document* find(std::uint64_t number) const;

 private:
  std::vector<Document> documents_;
};

struct ArchiverConfig {
  ServiceConfig service{.name = "archiver"};
  std::uint64_t payload_limit = std::uint64_t{16} * 1024 * 1024;  ///< Bytes of JSON; more is 413.
};

class Archiver {
 public:
  /// As `Service::start`.
  static Expected<std::unique_ptr<Archiver>> start(Loop& loop, const ArchiverConfig& config);
  Archiver(const Archiver&) = delete;
  Archiver& operator=(const Archiver&) = delete;
  ~Archiver();

  const Address& address() const { return service_->address(); }
  void close(Callback<void()> on_closed) { service_->close(std::move(on_closed)); }

 private:
  explicit Archiver(std::uint64_t payload_limit) : payload_limit_(payload_limit) {}
  struct Upload {
    Visit visit;
    std::string payload{};
  };
  void take(Visit visit);
  Flow add(std::unique_ptr<Upload>& upload, const Expected<std::span<const std::byte>>& piece);
  void keep(Visit& visit, std::string_view payload);
  void show(Visit visit) const;
  Refusal too_large() const;

  const std::uint64_t payload_limit_;
  Archive archive_;
  std::unique_ptr<Service> service_;
};

}  // namespace xtrace::examples
