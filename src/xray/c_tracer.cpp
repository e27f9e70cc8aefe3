#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <utility>

#include <xtrace/c_tracer.h>

#include "base/ascii.h"
#include "xray/c_emitter.h"
#include "xray/c_handle.h"
#include "xray/c_tracer_handle.h"
#include "xray/json_check.h"
#include "xray/json_split.h"

namespace xtrace {

namespace {

Error invalid(std::string_view field, std::string_view reason) {
  std::string message = "configure the tracer: ";
  message += field;
  message += ": ";
  message += reason;
  return {Error::Code::invalid_config, Phase::none, std::move(message)};
}

Expected<void> choose_emitter(const xtrace_tracer_config& given,
                              const std::shared_ptr<CallerData>& caller, TracerConfig& config) {
  switch (given.emitter) {
    case XTRACE_EMIT_TO_DAEMON:
      return {};
    case XTRACE_EMIT_TO_FILE: {
      if (given.emit_file == nullptr) return invalid("emit_file", "it is NULL");
      auto file = make_file_emitter(given.emit_file);
      if (const Error* error = file.if_error()) return *error;
      config.emitter = std::move(file).value();
      return {};
    }
    case XTRACE_EMIT_TO_CALLBACK:
      if (given.on_document == nullptr) return invalid("on_document", "it is NULL");
      config.emitter = std::make_shared<CallbackEmitter>(given.on_document, caller);
      return {};
    case XTRACE_EMIT_NOWHERE:
      config.emitter = std::make_shared<NullEmitter>();
      return {};
    default:
      return invalid("emitter", "it is none of enum xtrace_emitter");
  }
}

Expected<void> use_manifest(Expected<SamplingManifest> manifest, TracerConfig& config) {
  if (const Error* error = manifest.if_error()) {
    return error->with_prefix("configure the tracer: sampling_manifest");
  }
  config.sampler = std::make_shared<LocalSampler>(std::move(manifest).value());
  return {};
}

Expected<void> choose_sampler(const xtrace_tracer_config& given, TracerConfig& config) {
  const char* manifest = given.sampling_manifest;
  switch (given.sampling) {
    case XTRACE_SAMPLE_BY_DEFAULT:
      return {};
    case XTRACE_SAMPLE_BY_RATE:
      // Written so that NaN is refused.
      if (!(given.sampling_rate >= 0 && given.sampling_rate <= 1)) {
        return invalid("sampling_rate", "it must be from 0 to 1");
      }
      config.sampler = std::make_shared<RateSampler>(given.sampling_rate);
      return {};
    case XTRACE_SAMPLE_BY_MANIFEST:
      if (manifest == nullptr) return invalid("sampling_manifest", "it is NULL");
      return use_manifest(parse_sampling_manifest(manifest), config);
    case XTRACE_SAMPLE_BY_MANIFEST_FILE:
      if (manifest == nullptr) return invalid("sampling_manifest", "it is NULL");
      return use_manifest(read_sampling_manifest(manifest), config);
    default:
      return invalid("sampling", "it is none of enum xtrace_sampling");
  }
}

/// What a deadline can be reckoned with.
Duration limit_of(std::int64_t nanoseconds) {
  constexpr Duration kLongest = std::chrono::hours{24 * 365};
  return std::clamp(Duration{nanoseconds}, Duration::zero(), kLongest);
}

void keep_texts(const xtrace_tracer_config& given, TracerConfig& config) {
  if (given.name != nullptr) config.name = given.name;
  config.daemon_address = view_of(given.daemon_address);
  config.environment.origin = view_of(given.origin);
  config.service_version = view_of(given.service_version);
}

void keep_limits(const xtrace_tracer_config& given, TracerConfig& config) {
  if (given.close_limit != 0) config.close_limit = limit_of(given.close_limit);
  if (given.max_document_bytes != 0) config.limits.bytes = given.max_document_bytes;
  if (given.max_subsegments != 0) config.limits.max_subsegments = given.max_subsegments;
}

Expected<TracerConfig> config_of(const xtrace_tracer_config& given,
                                 const std::shared_ptr<CallerData>& caller) {
  TracerConfig config;
  keep_texts(given, config);
  keep_limits(given, config);
  config.is_disabled = given.is_disabled;
  config.has_real_unsampled_ids = given.has_real_unsampled_ids;
  if (given.ignores_missing_context) config.context_missing = ContextMissing::ignore;
  if (given.log != nullptr) {
    config.log = [log = given.log, caller](std::string_view sentence) {
      log(caller->user, std::string{sentence}.c_str());
    };
  }
  if (auto chosen = choose_emitter(given, caller, config); !chosen) return chosen.error();
  if (auto chosen = choose_sampler(given, config); !chosen) return chosen.error();
  return config;
}

/// The process's environment as far as C can follow it: there is nothing to throw.
const char* variable(const char* name) {
  const char* value = std::getenv(name);
  const bool throws = std::string_view{name} == "AWS_XRAY_CONTEXT_MISSING" && value != nullptr &&
                      same_word(trim(value), "RUNTIME_ERROR");
  return throws ? "LOG_ERROR" : value;
}

void fill(xtrace_stats& all, const TracerStats& traced, const EmitterStats& emitted) {
  all.segments = traced.segments;
  all.sampled = traced.sampled;
  all.missing_contexts = traced.missing_contexts;
  all.late_values = traced.late_values;
  all.documents = emitted.documents;
  all.sent = emitted.sent;
  all.bytes = emitted.bytes;
  all.queued = emitted.queued;
  all.refused = emitted.refused;
  all.rejected = emitted.rejected;
  all.dropped_queue_full = emitted.dropped_queue_full;
  all.dropped_too_large = emitted.dropped_too_large;
  all.dropped_error = emitted.dropped_error;
  all.dropped_at_close = emitted.dropped_at_close;
  all.flushes = emitted.flushes;
  all.receiver_drops = emitted.receiver_drops.value_or(0);
  all.knows_receiver_drops = emitted.receiver_drops.has_value();
  all.split = emitted.built.split;
  all.truncated = emitted.built.truncated;
  all.unfit = emitted.built.refused;
  all.corrected = emitted.built.corrected;
}

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/// The text without the white space around it.
std::string_view without_space(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

Error invalid_document(std::string_view reason) {
  std::string message = "emit the document: ";
  message += reason;
  return {Error::Code::invalid_document, Phase::none, std::move(message)};
}

/// Nothing where X-Ray takes the document.
std::optional<Error> judge(std::string_view document) {
  if (!document.starts_with('{')) return invalid_document("it is no JSON object");
  const CheckVerdict verdict = check_document(document);
  switch (verdict.kind) {
    case CheckVerdict::Kind::incomplete:
      return invalid_document("the text ends inside it");
    case CheckVerdict::Kind::refused:
      return invalid_document(verdict.fault.message());
    case CheckVerdict::Kind::broken:
      return invalid_document(verdict.fault.message() + ", at byte " +
                              std::to_string(verdict.fault.offset));
    case CheckVerdict::Kind::valid:
      break;
  }
  if (verdict.length < document.size()) return invalid_document("there is more behind it");
  return std::nullopt;
}

}  // namespace

}  // namespace xtrace

xtrace_tracer* xtrace_tracer_create(const xtrace_tracer_config* given,
                                    xtrace_error* error) noexcept {
  if (xtrace::says_more(given)) {
    xtrace::fail(error, xtrace::invalid(
                            "size", "it holds settings of a newer version than " XTRACE_VERSION));
    return nullptr;
  }
  const auto known = xtrace::read_struct(given);
  const auto caller = std::make_shared<xtrace::CallerData>(known.user);
  auto config = xtrace::config_of(known, caller);
  if (!config) {
    xtrace::fail(error, config.error());
    return nullptr;
  }
  const auto finalized = xtrace::finalize_config(std::move(config).value(), xtrace::variable);
  if (!finalized) {
    xtrace::fail(error, finalized.error());
    return nullptr;
  }
  caller->release = known.release;
  return std::make_unique<xtrace_tracer>(*finalized).release();
}

void xtrace_tracer_destroy(xtrace_tracer* tracer) noexcept {
  delete tracer;
}

void xtrace_tracer_flush(xtrace_tracer* tracer) noexcept {
  if (tracer != nullptr) tracer->tracer.emitter().flush();
}

bool xtrace_tracer_drain(xtrace_tracer* tracer, int64_t limit) noexcept {
  return tracer == nullptr || tracer->tracer.emitter().drain(xtrace::limit_of(limit));
}

bool xtrace_tracer_stats(const xtrace_tracer* tracer, xtrace_stats* stats) noexcept {
  if (tracer == nullptr || stats == nullptr) return false;
  xtrace_stats all{};
  xtrace::fill(all, tracer->tracer.stats(), tracer->tracer.emitter().stats());
  all.size = stats->size == 0 ? sizeof all : stats->size;
  const std::size_t size = all.size;
  std::memcpy(stats, &all, std::min(size, sizeof all));
  // What a newer caller has room for and we cannot count.
  if (size > sizeof all)
    std::memset(reinterpret_cast<char*>(stats) + sizeof all, 0, size - sizeof all);
  return true;
}

bool xtrace_tracer_last_error(const xtrace_tracer* tracer, xtrace_error* error) noexcept {
  if (tracer == nullptr) return false;
  const auto latest = tracer->tracer.emitter().last_error();
  if (!latest) return false;
  xtrace::fail(error, *latest);
  return true;
}

bool xtrace_tracer_is_disabled(const xtrace_tracer* tracer) noexcept {
  return tracer == nullptr || tracer->tracer.is_disabled();
}

bool xtrace_emit_document(xtrace_tracer* tracer, const char* json, size_t length,
                          xtrace_error* error) noexcept {
  if (tracer == nullptr) {
    if (error != nullptr) *error = {};
    return false;
  }
  const std::string_view document =
      json == nullptr ? std::string_view{} : xtrace::without_space({json, length});
  if (const auto refusal = xtrace::judge(document)) return xtrace::fail(error, *refusal);
  if (tracer->tracer.is_disabled()) return true;
  xtrace::DocumentSet set;
  if (document.size() > tracer->document_limit) {
    set = xtrace::split_document(document, tracer->document_limit);
  } else {
    set.documents.emplace_back(document);
  }
  tracer->tracer.emitter().emit(set);
  return set.refusals.empty() || xtrace::fail(error, set.refusals.front());
}
