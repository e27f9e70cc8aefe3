#pragma once

/// A `Sampler` decides, once per trace and before anything is recorded, whether the trace is.
///
/// It is asked only where the caller has not decided already (`Sampled=0` or `1` in the incoming
/// header). Samplers are thread-safe, never block and never allocate while they decide.
///
/// `LocalSampler` takes its rules from a manifest: so many requests per second for sure, and a rate
/// of the rest. `CentralSampler` (central_sampler.h) takes them from the X-Ray service.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/clock.h>
#include <xtrace/expected.h>

namespace xtrace {

/// What rules look at. Empty means unknown, and matches every pattern. The texts must live until
/// `decide` returns.
struct SamplingRequest {
  std::string_view service_name{};  ///< The segment's name.
  std::string_view service_type{};  ///< The segment's origin, `AWS::EC2::Instance`.
  std::string_view host{};          ///< The Host header, port included.
  std::string_view http_method{};
  std::string_view url_path{};  ///< Without the query.
};

/// The name of a central rule, at most 32 characters, held in place.
class RuleName {
 public:
  static constexpr std::size_t kMaxLength = 32;

  RuleName() = default;
  /// Longer names are cut; the service allows none.
  explicit RuleName(std::string_view name);

  std::string_view text() const { return {text_.data(), length_}; }
  bool is_empty() const { return length_ == 0; }

  friend bool operator==(const RuleName&, const RuleName&) = default;

 private:
  std::array<char, kMaxLength> text_{};
  std::uint8_t length_ = 0;
};

enum class SamplingReason : std::uint8_t {
  caller,     ///< The incoming header says so.
  disabled,   ///< The tracer is switched off.
  reservoir,  ///< Within the local rule's requests per second.
  quota,      ///< Within the quota that the service gave this process.
  borrowed,   ///< No valid quota: the one request a second that may go on credit.
  rate,       ///< By chance, at the rule's fixed rate.
};

/// Whether, and why: enough to explain itself.
struct SamplingDecision {
  /// `none`: no rule was asked. `fallback`: a local rule, because central ones are not there.
  enum class Source : std::uint8_t { none, local, central, fallback };

  bool is_sampled = false;
  SamplingReason reason = SamplingReason::rate;
  Source source = Source::none;
  RuleName rule{};  ///< Of a central rule; goes into the document as `sampling_rule_name`.
  /// Of a local rule: its place in the manifest, from 1 on; 0 is the default rule.
  std::size_t local_rule = 0;
  double rate = 0;  ///< The fixed rate of the rule that decided.

  /// One line for people: `sampled by rule "checkout": borrowed, no quota yet`.
  std::string explain() const;
};

class Sampler {
 public:
  Sampler() = default;
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;
  virtual ~Sampler() = default;

  virtual SamplingDecision decide(const SamplingRequest& request) = 0;
};

/// True where `text` matches `pattern`: `*` is any number of characters, `?` is one, letters match
/// without case, beyond ASCII too. A character is a code point, or a byte that is no UTF-8. Takes
/// time in proportion to the text, whatever the pattern, as long as there are at most 128
/// characters between two stars, which is the longest that the service allows. Allocates nothing.
bool matches_wildcard(std::string_view pattern, std::string_view text);

/// One rule of a manifest. A pattern that is empty matches everything.
struct LocalRule {
  std::string description{};
  std::string host = "*";  ///< `service_name` in version 1 means the same.
  std::string http_method = "*";
  std::string url_path = "*";
  std::uint32_t fixed_target = 0;  ///< So many requests each second are sampled for sure.
  double rate = 0;                 ///< Of the others, 0 to 1.

  friend bool operator==(const LocalRule&, const LocalRule&) = default;
};

/// Default-constructed: the built-in manifest of every SDK, one a second and 5 % of the rest.
struct SamplingManifest {
  LocalRule default_rule{.fixed_target = 1, .rate = 0.05};
  std::vector<LocalRule> rules{};  ///< The first that matches decides.

  friend bool operator==(const SamplingManifest&, const SamplingManifest&) = default;
};

/// A manifest of version 1 or 2 as JSON text. Fails with `invalid_config`, naming the rule (counted
/// from 1), the field and the reason, or the line and the column of what is no JSON. Strict: every
/// field but `description` must be there, and no other.
Expected<SamplingManifest> parse_sampling_manifest(std::string_view json);

/// The same from a file of 1 MiB at most. The error names the file as well.
Expected<SamplingManifest> read_sampling_manifest(const std::string& path);

/// Decides by a manifest. A reservoir holds a second's worth of `fixed_target` at most and fills
/// continuously; what it cannot give is left to the rate.
class LocalSampler final : public Sampler {
 public:
  /// `clock` is the machine's where empty; its ticks count.
  explicit LocalSampler(SamplingManifest manifest = {}, Clock clock = {});
  LocalSampler(const LocalSampler&) = delete;
  LocalSampler& operator=(const LocalSampler&) = delete;
  ~LocalSampler() override;

  SamplingDecision decide(const SamplingRequest& request) override;
  const SamplingManifest& manifest() const;

 private:
  struct State;

  std::unique_ptr<State> state_;
};

/// Samples everything (1), nothing (0), or a share of it by chance.
class RateSampler final : public Sampler {
 public:
  explicit RateSampler(double rate) : rate_(rate) {}

  SamplingDecision decide(const SamplingRequest& request) override;

 private:
  double rate_;
};

}  // namespace xtrace
