#pragma once

/// `DocumentChecker` is one pass of `check_document`: the walk through a segment, its subsegments,
/// and, where the rules or the sites ask for it, their other blocks.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xray/json_check.h"

namespace xtrace {

/// The kinds of objects in a document that have rules of their own.
enum class Block : std::uint8_t {
  node,
  service,
  http,
  request,
  response,
  sql,
  cause,
  exception,
  frame,
  link,
};

struct BlockRule;

class DocumentChecker {
 public:
  DocumentChecker(std::string_view text, const CheckOptions& options);

  CheckVerdict run();

 private:
  enum class Level : std::uint8_t { document, embedded };

  struct Node {
    Level level = Level::document;
    std::size_t begin = 0;
    std::size_t site = 0;    // in *options_.sites
    unsigned given = 0;      // bits of the fields below that hold a value
    unsigned mentioned = 0;  // bits of those that are there, null or not
    bool is_subsegment = false;
    bool is_in_progress = false;
    TextSpan in_progress_span{};
    double start = 0;
    double end = 0;
  };
  enum class Field : std::uint8_t {
    name,
    id,
    trace_id,
    parent_id,
    start_time,
    end_time,
    in_progress,
    type,
    subsegments,
    other,
  };

  static Field field_of(const JsonText& key);
  static bool has(const Node& node, Field field);

  bool node(Level level);
  bool member(Node& node, const JsonText& key);
  bool name(Node& node);
  bool id(Node& node, Field field);
  bool time(Node& node, Field field);
  bool in_progress(Node& node);
  bool type(Node& node);
  bool subsegments();
  void note_id(const Node& node, Field field, std::string_view text, std::size_t at);

  void judge(Node& node);
  void judge_presence(Node& node);
  void judge_documented(const Node& node);
  void judge_ids();
  void add_late_sites();

  // json_check_blocks.cpp: the other blocks.
  bool block(Block block);
  bool block_member(Block block, const JsonText& key);
  bool value(const BlockRule& rule);
  bool plain_value(const BlockRule& rule);
  bool text_value(const BlockRule& rule);
  bool cause(const BlockRule& rule);
  bool id_value(const BlockRule& rule, std::string_view path);
  bool elements(const BlockRule& rule);
  bool annotations();
  bool annotation(const JsonText& key);
  bool metadata();

  /// Runs `walk`; a fault that it finds lies below `path`.
  template <typename Walk>
  bool below(std::string_view path, Walk&& walk) {
    const bool had_fault = fault_.has_value();
    const bool is_whole = walk();
    if (!had_fault && fault_) fault_->field.insert(0, path);
    return is_whole;
  }
  /// The offset of the next value.
  std::size_t value_offset();
  bool is_strict() const { return options_.rules == CheckRules::documented; }
  void find_fault(ServiceError code, std::string_view field, std::string reason, std::size_t at);
  /// A value of another kind than wanted: passes it and finds fault, except with null.
  bool refuse_kind(ServiceError code, std::string_view field, std::string_view wanted);
  void add_site(DocumentSite::Kind kind, std::size_t begin, bool is_wrong = false);

  std::string_view text_;
  JsonCursor cursor_;
  CheckOptions options_;
  bool walks_blocks_;
  std::optional<CheckFault> fault_;
  std::vector<TextSpan> non_numbers_;
  std::vector<DocumentSite> late_sites_;
  double start_ = 0;
  DocumentMarks marks_;
  // Where rules are strict: all ids of segments, and the trace ids of the document and of the first
  // subsegment that has one.
  std::vector<std::string_view> ids_;
  std::string_view trace_id_;
  std::string_view inner_trace_id_;
};

}  // namespace xtrace
