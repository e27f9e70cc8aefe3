#pragma once

/// `RecordingEmitter` keeps every document it is given.

#include <mutex>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <xtrace/emitter.h>

namespace xtrace::testing {

class RecordingEmitter final : public Emitter {
 public:
  void flush() override {}
  bool drain(Duration) override { return true; }
  EmitterStats stats() const override { return {}; }
  std::optional<Error> last_error() const override { return std::nullopt; }

  nlohmann::json parsed(std::size_t index) const {
    return nlohmann::json::parse(documents.at(index));
  }

  std::vector<std::string> documents{};
  DocumentCounts built{};

 private:
  void take(std::span<const std::string> more, const DocumentCounts& counts) override {
    const std::scoped_lock lock{mutex_};
    documents.insert(documents.end(), more.begin(), more.end());
    built += counts;
  }

  std::mutex mutex_{};
};

}  // namespace xtrace::testing
