#pragma once

/// A tracer whose documents and sampling are looked at, for what a service records. Documents are
/// searched as text: `field_of(document, "id")`.

#include <algorithm>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <xtrace/emitter.h>
#include <xtrace/sampler.h>
#include <xtrace/tracer.h>

namespace xtrace::testing {

/// Keeps every document.
class DocumentList final : public Emitter {
 public:
  void flush() override {}
  bool drain(Duration) override { return true; }
  EmitterStats stats() const override { return {}; }
  std::optional<Error> last_error() const override { return std::nullopt; }

  std::vector<std::string> all() const {
    const std::scoped_lock lock{mutex_};
    return documents_;
  }
  std::size_t count() const { return all().size(); }
  /// The last one that holds `text`; empty where there is none.
  std::string find(std::string_view text) const {
    std::string found;
    for (const std::string& document : all()) {
      if (document.find(text) != std::string::npos) found = document;
    }
    return found;
  }
  std::string last() const { return find(""); }

 private:
  void take(std::span<const std::string> more, const DocumentCounts&) override {
    const std::scoped_lock lock{mutex_};
    documents_.insert(documents_.end(), more.begin(), more.end());
  }

  mutable std::mutex mutex_{};
  std::vector<std::string> documents_{};
};

/// Decides as it is told, and keeps what it was last asked, joined by spaces.
class AskedSampler final : public Sampler {
 public:
  SamplingDecision decide(const SamplingRequest& request) override {
    ++asked;
    question.clear();
    for (const std::string_view part :
         {request.service_name, request.host, request.http_method, request.url_path}) {
      question += question.empty() ? "" : " ";
      question += part;
    }
    return {.is_sampled = answer, .reason = SamplingReason::rate, .rate = answer ? 1.0 : 0.0};
  }

  bool answer = true;
  int asked = 0;
  std::string question{};
};

struct TracedService {
  explicit TracedService(std::string name = "shop", bool is_disabled = false)
      : tracer(finalize_config(config_of(std::move(name), is_disabled, sampler, sent),
                               [](const char*) -> const char* { return nullptr; })
                   .value()) {}

  static TracerConfig config_of(std::string name, bool is_disabled,
                                std::shared_ptr<Sampler> sampler, std::shared_ptr<Emitter> sent) {
    TracerConfig config;
    config.name = std::move(name);
    config.is_disabled = is_disabled;
    config.sampler = std::move(sampler);
    config.emitter = std::move(sent);
    return config;
  }

  std::shared_ptr<AskedSampler> sampler = std::make_shared<AskedSampler>();
  std::shared_ptr<DocumentList> sent = std::make_shared<DocumentList>();
  Tracer tracer;
};

/// The text of the first member of that name, from `from` on.
inline std::string field_of(const std::string& document, std::string_view name,
                            std::size_t from = 0) {
  const std::string key = "\"" + std::string(name) + "\":\"";
  const std::size_t at = document.find(key, from);
  if (at == std::string::npos) return {};
  return document.substr(at + key.size(), document.find('"', at + key.size()) - at - key.size());
}

inline bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace xtrace::testing
