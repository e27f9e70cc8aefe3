#pragma once

/// `Segment` is the record of one unit of work of a service, `Subsegment` one part of it: a call, a
/// phase.
///
/// Both are move-only handles on a tree that lives as long as one of its handles, and both may be
/// used from any thread: one mutex guards the tree. A handle that goes out of scope ends its node.
/// An empty handle (default-constructed, moved from) ignores everything, so that code may hold one
/// for what is not recorded. Values that X-Ray would reject a document for are corrected (names
/// filtered, strings cut, keys mended) or left out, and counted: nothing here fails.
///
/// To record what already happened, give every node its times:
///     auto call = segment.begin_subsegment("api.example.com", {.id = id, .start = wall + 2ms});
///     call.begin_subsegment("dns", {.start = wall + 2ms}).end(wall + 5ms);
///     call.end(wall + 90ms);

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <xtrace/clock.h>
#include <xtrace/document_set.h>
#include <xtrace/scalar.h>
#include <xtrace/trace_header.h>
#include <xtrace/trace_id.h>

namespace xtrace {

struct SegmentTree;
struct SegmentNode;
class Segment;
class Subsegment;

/// What `http.request` records. Empty texts are left out.
struct HttpRequestFacts {
  std::string_view method{};
  std::string_view url{};
  std::string_view user_agent{};
  std::string_view client_ip{};
  bool is_forwarded = false;  ///< `client_ip` was taken from X-Forwarded-For.
  bool is_traced = false;     ///< The callee sends a segment of its own.
  /// Record the URL with its userinfo and query, which are stripped otherwise.
  bool keep_secrets = false;
};

struct HttpResponseFacts {
  std::optional<int> status{};
  std::optional<std::uint64_t> content_length{};
};

/// X-Ray's three marks. `error`: the caller's mistake (4xx); `throttle`: too many requests (429,
/// with `error`); `fault`: the callee's failure (5xx, or an exception).
struct Flags {
  bool error = false;
  bool throttle = false;
  bool fault = false;

  friend bool operator==(const Flags&, const Flags&) = default;
};

/// 400-499 `error`, 429 also `throttle`, 500-599 `fault`, anything else nothing.
Flags flags_of_status(int status);

/// True for `[A-Za-z0-9_]{1,500}`; other annotation keys are mended by `annotate`.
bool is_annotation_key(std::string_view key);

/// Whether an exception happened here or was reported by the callee.
enum class ExceptionOrigin : std::uint8_t { local, remote };

/// `remote`: a call to another service; `aws`: to an AWS service; `local`: work of our own.
enum class Namespace : std::uint8_t { local, remote, aws };

/// Where an id or a time is not given, a fresh one is made.
struct SegmentOptions {
  std::optional<TraceId> trace_id{};
  std::optional<SegmentId> id{};
  std::optional<SegmentId> parent_id{};  ///< The caller's subsegment.
  std::optional<WallTime> start{};
  Clock clock{};  ///< For the times not given; the machine's where empty.
};

/// The options of a segment that continues the caller's trace: root and parent of the header where
/// they are valid ids.
SegmentOptions continue_trace(const TraceHeader& header);

struct SubsegmentOptions {
  std::optional<SegmentId> id{};
  std::optional<WallTime> start{};
};

/// What segments and subsegments share.
class SegmentHandle {
 public:
  SegmentHandle(const SegmentHandle&) = delete;
  SegmentHandle& operator=(const SegmentHandle&) = delete;

  /// False for an empty handle.
  explicit operator bool() const { return node_ != nullptr; }
  SegmentId id() const;
  TraceId trace_id() const;

  /// A child. One begun after its parent ended stays a child of it.
  [[nodiscard]] Subsegment begin_subsegment(std::string_view name,
                                            const SubsegmentOptions& options = {});

  void set_http_request(const HttpRequestFacts& request);
  /// Records; judges nothing.
  void set_http_response(const HttpResponseFacts& response);
  /// Records the response's status and adds the flags it stands for.
  void set_status(int status);
  /// Replaces the flags.
  void set_flags(const Flags& flags);
  Flags flags() const;
  /// Adds `fault` and a `cause`. Up to 32 are kept.
  void add_exception(std::string_view type, std::string_view message,
                     ExceptionOrigin origin = ExceptionOrigin::local);

  /// Searchable. Texts are cut at 1000 characters, NaN and infinities left out. The last value of a
  /// key wins.
  void annotate(std::string_view key, const Scalar& value);
  /// Not searchable, of any size. An empty `space` means `default`; the prefix `AWS.` is reserved
  /// and taken off.
  void set_metadata(std::string_view space, std::string_view key, const Scalar& value);
  /// `json` is one valid JSON value; the caller has checked.
  void set_metadata_json(std::string_view space, std::string_view key, std::string_view json);

  /// Ends the node now, or at the given time (not before its start). Open children end with it,
  /// with its flags and cause. Only the first end counts.
  void end();
  void end(WallTime at);
  bool is_ended() const;

 protected:
  SegmentHandle() = default;
  SegmentHandle(std::shared_ptr<SegmentTree> tree, SegmentNode* node);
  SegmentHandle(SegmentHandle&& other) noexcept;
  SegmentHandle& operator=(SegmentHandle&& other) noexcept;
  ~SegmentHandle();

 private:
  friend class Segment;
  friend class Subsegment;

  std::shared_ptr<SegmentTree> tree_;
  SegmentNode* node_ = nullptr;  // in *tree_
};

class Subsegment final : public SegmentHandle {
 public:
  /// Empty.
  Subsegment() = default;

  void set_namespace(Namespace space);

 private:
  friend class SegmentHandle;
  Subsegment(std::shared_ptr<SegmentTree> tree, SegmentNode* node);
};

class Segment final : public SegmentHandle {
 public:
  /// Empty.
  Segment() = default;

  static Segment begin(std::string_view name, const SegmentOptions& options = {});

  void set_user(std::string_view user);
  /// `AWS::EC2::Instance`, ...
  void set_origin(std::string_view origin);
  void set_service_version(std::string_view version);

  /// How many subsegments were begun in the tree, at any depth.
  std::size_t subsegment_count() const;

  /// The tree as it is now. What has not ended is marked `in_progress`.
  DocumentSet documents(const DocumentLimits& limits = {}) const;
  /// The same into a set that is used again and again: where the tree fits one document, a warm set
  /// allocates nothing.
  void write_documents(DocumentSet& reused, const DocumentLimits& limits = {}) const;

 private:
  Segment(std::shared_ptr<SegmentTree> tree, SegmentNode* node);
};

}  // namespace xtrace
