#pragma once

/// `SegmentContext` refers to a segment or subsegment without owning its end: what may be recorded,
/// what may be begun below it, and the header to send on.
///
/// It is copied freely, into callbacks and to other threads, and keeps the record alive, not open.
/// Every function may be called from any thread: one mutex guards a segment's tree. What X-Ray
/// would reject a document for is corrected (names filtered, strings cut, keys mended) or left out,
/// and counted: nothing here fails.
///
/// A context that records nothing ignores what it is told: the empty one (default-constructed),
/// that of a trace which is not sampled (its header still goes on), and, in a child after `fork`,
/// one that was made before: its record is the parent's.

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <xtrace/clock.h>
#include <xtrace/sampler.h>
#include <xtrace/scalar.h>
#include <xtrace/segment_facts.h>
#include <xtrace/trace_header.h>
#include <xtrace/trace_id.h>

namespace xtrace {

struct SegmentTree;
struct SegmentNode;
class SegmentHandle;
class Subsegment;

/// Keeps a tree alive; counted, thread-safe.
class SegmentTreeReference {
 public:
  SegmentTreeReference() = default;
  /// Takes over the count that a new tree begins with.
  explicit SegmentTreeReference(SegmentTree* fresh) : tree_(fresh) {}
  SegmentTreeReference(const SegmentTreeReference& other) noexcept;
  SegmentTreeReference(SegmentTreeReference&& other) noexcept
      : tree_(std::exchange(other.tree_, nullptr)) {}
  SegmentTreeReference& operator=(const SegmentTreeReference& other) {
    return *this = SegmentTreeReference{other};
  }
  SegmentTreeReference& operator=(SegmentTreeReference&& other) noexcept {
    std::swap(tree_, other.tree_);
    return *this;
  }
  ~SegmentTreeReference();

  SegmentTree* operator->() const { return tree_; }
  SegmentTree& operator*() const { return *tree_; }
  explicit operator bool() const { return tree_ != nullptr; }

 private:
  SegmentTree* tree_ = nullptr;
};

struct SubsegmentOptions {
  std::optional<SegmentId> id{};    ///< A fresh one where empty.
  std::optional<WallTime> start{};  ///< Now where empty.
  Namespace space = Namespace::local;
  /// Goes on when its parent ends, and is then sent by itself when it ends. Others end with their
  /// parent.
  bool may_outlive_parent = false;
};

class SegmentContext {
 public:
  /// Empty.
  SegmentContext() = default;
  SegmentContext(const SegmentContext&) = default;
  SegmentContext& operator=(const SegmentContext&) = default;
  /// Moving copies: a handle that is moved into a context still owns its end.
  // NOLINTNEXTLINE(performance-move-constructor-init)
  SegmentContext(SegmentContext&& other) noexcept : SegmentContext(std::as_const(other)) {}
  SegmentContext& operator=(SegmentContext&& other) noexcept {
    return *this = std::as_const(other);
  }
  ~SegmentContext() = default;

  /// Whether anything is recorded.
  explicit operator bool() const { return node_ != nullptr; }
  /// False for an empty context only: an unsampled trace is a trace.
  bool has_trace() const { return static_cast<bool>(tree_); }

  /// All zeros where nothing is recorded.
  SegmentId id() const;
  TraceId trace_id() const;
  /// Why the trace is recorded, or is not.
  SamplingDecision decision() const;

  /// What to send to the callee: root, this id as parent, the decision, the extra fields of the
  /// incoming header. Empty for an empty context.
  TraceHeader trace_header() const;
  /// The same as text, `Root=...;Parent=...;Sampled=1`; a warm string is appended to without
  /// allocating.
  void append_trace_header(std::string& out) const;

  /// A child. One begun after its parent ended is sent by itself.
  [[nodiscard]] Subsegment begin_subsegment(std::string_view name,
                                            const SubsegmentOptions& options = {}) const;

  void set_http_request(const HttpRequestFacts& request) const;
  /// Records; judges nothing.
  void set_http_response(const HttpResponseFacts& response) const;
  /// Records the response's status and adds the flags it stands for.
  void set_status(int status) const;
  /// Replaces the flags.
  void set_flags(const Flags& flags) const;
  Flags flags() const;

  void set_sql(const SqlFacts& query) const;
  void set_aws_call(const AwsCallFacts& call) const;
  /// One more member of `aws`: `table_names` and `["a","b"]`. As `set_metadata_json` otherwise. In
  /// a segment it replaces what the detectors found; `xray` is ours.
  void set_aws_json(std::string_view key, std::string_view json) const;

  /// Adds `fault` and a `cause` with this exception and those it wraps, 32 of them in all; the rest
  /// is counted in the document. Returns the exception's id.
  SegmentId add_exception(const ExceptionFacts& exception) const;
  SegmentId add_exception(std::string_view type, std::string_view message,
                          ExceptionOrigin origin = ExceptionOrigin::local) const;
  /// Type, message and those nested in it (`std::throw_with_nested`).
  SegmentId add_exception(const std::exception& exception) const;
  /// Adds `fault`; the cause is the exception of that id, which a subsegment has recorded.
  void refer_to_exception(const SegmentId& exception) const;

  /// Searchable. Texts are cut at 1000 characters, NaN and infinities left out. The last value of a
  /// key wins.
  void annotate(std::string_view key, const Scalar& value) const;
  template <class Text>
  requires std::is_convertible_v<const Text&, std::string_view>
  void annotate(std::string_view key, const Text& text) const { annotate_text(key, text); }
  /// Not searchable, of any size. An empty `space` means `default`; the prefix `AWS.` is reserved
  /// and taken off.
  void set_metadata(std::string_view space, std::string_view key, const Scalar& value) const;
  template <class Text>
  requires std::is_convertible_v<const Text&, std::string_view>
  void set_metadata(std::string_view space, std::string_view key, const Text& text) const {
    set_metadata_text(space, key, text);
  }
  /// `json` is one JSON value; what is none is recorded as a text, and counted.
  void set_metadata_json(std::string_view space, std::string_view key, std::string_view json) const;

  void add_link(const SegmentLink& link) const;

  bool is_ended() const;

 protected:
  SegmentContext(SegmentTreeReference tree, SegmentNode* node)
      : tree_(std::move(tree)), node_(node) {}

  SegmentTreeReference tree_{};
  SegmentNode* node_ = nullptr;  // in *tree_; null where nothing is recorded

 private:
  friend class Tracer;
  void annotate_text(std::string_view key, std::string_view text) const;
  void set_metadata_text(std::string_view space, std::string_view key, std::string_view text) const;
};

/// Makes a context the current one of this thread until it is destroyed, for code that cannot be
/// handed one: `const ContextScope scope{segment.context()};`. Scopes nest, and end in the reverse
/// order on the thread that made them.
class ContextScope {
 public:
  explicit ContextScope(SegmentContext context);
  /// A handle that goes at once would leave an ended segment current.
  explicit ContextScope(SegmentHandle&& handle) = delete;
  ContextScope(const ContextScope&) = delete;
  ContextScope& operator=(const ContextScope&) = delete;
  ~ContextScope();

 private:
  friend const SegmentContext& current_context();

  SegmentContext context_;
  ContextScope* outer_;
};

/// The context of the innermost scope of this thread; empty where there is none. Valid until that
/// scope ends.
const SegmentContext& current_context();

}  // namespace xtrace
