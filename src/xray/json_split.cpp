#include "xray/json_split.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "xray/json_cursor.h"

namespace xtrace {

namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);
constexpr std::size_t kShortestText = 128;
constexpr std::string_view kInner = ",\"subsegments\":[";

/// A segment or subsegment without its subsegments. Parents come before their children.
struct Part {
  std::size_t parent = kNone;
  std::string members{};  ///< `"name":"a","id":"b"`, compact.
  std::string
      identity{};  ///< `,"type":...` and such, as written; a document of its own has others.
  std::string id{};
  std::string name{};
  std::vector<std::size_t> children{};
  std::size_t bytes = 0;  ///< With the children that stay.
  bool is_finished = false;
  bool is_detached = false;
};

/// Cuts the document into its parts.
class PartReader {
 public:
  explicit PartReader(std::string_view document) : document_(document), cursor_(document) {}

  std::vector<Part> read() {
    node(kNone);
    return std::move(parts_);
  }
  /// As written, with its quotes.
  std::string_view trace_id() const { return trace_id_; }

 private:
  bool node(std::size_t parent);
  bool member(std::size_t index, const JsonText& key);
  std::string_view pass_value();

  std::string_view document_;
  JsonCursor cursor_;
  std::vector<Part> parts_;
  std::string_view trace_id_;
};

bool PartReader::node(std::size_t parent) {
  const std::size_t index = parts_.size();
  parts_.push_back({.parent = parent});
  if (parent != kNone) parts_[parent].children.push_back(index);
  return cursor_.object([this, index](const JsonText& key) { return member(index, key); });
}

bool PartReader::member(std::size_t index, const JsonText& key) {
  if (key.means("subsegments") && cursor_.token() == '[') {
    return cursor_.array([this, index](std::size_t) { return node(index); });
  }
  const bool is_top = parts_[index].parent == kNone;
  const bool is_identity =
      !is_top && (key.means("type") || key.means("trace_id") || key.means("parent_id"));
  const std::string_view value = pass_value();
  Part& part = parts_[index];
  if (is_top && key.means("trace_id")) trace_id_ = value;
  const std::string_view text = value.size() > 1 ? value.substr(1, value.size() - 2) : value;
  if (key.means("id")) part.id = text;
  if (key.means("name")) part.name = text;
  if (key.means("end_time")) part.is_finished = value != "null";
  std::string& out = is_identity ? part.identity : part.members;
  if (is_identity || !out.empty()) out += ',';
  out.append("\"").append(key.raw).append("\":");
  append_compact(out, value);
  return true;
}

std::string_view PartReader::pass_value() {
  cursor_.token();
  const std::size_t begin = cursor_.offset();
  cursor_.skip_value();
  return document_.substr(begin, cursor_.offset() - begin);
}

/// Copies compact JSON, the texts in it cut to `limit` bytes.
class TextCutter {
 public:
  TextCutter(std::string_view json, std::size_t limit) : json_(json), limit_(limit) {}

  std::string cut();

 private:
  bool value();
  bool text();

  std::string_view json_;
  JsonCursor cursor_{json_};
  std::size_t limit_;
  std::size_t copied_ = 0;
  std::string out_;
};

std::string TextCutter::cut() {
  cursor_.object([this](const JsonText& key) {
    // A name is what a document is found by, and it is short.
    return key.means("name") ? cursor_.skip_value() : value();
  });
  out_.append(json_, copied_);
  return std::move(out_);
}

bool TextCutter::value() {
  switch (cursor_.token()) {
    case '{':
      return cursor_.object([this](const JsonText&) { return value(); });
    case '[':
      return cursor_.array([this](std::size_t) { return value(); });
    case '"':
      return text();
    default:
      return cursor_.skip_value();
  }
}

/// The longest beginning of a text as written that takes at most `bytes` and cuts neither a
/// character nor an escape in two.
std::string_view first_bytes(std::string_view raw, std::size_t bytes) {
  std::size_t at = 0;
  while (at < raw.size()) {
    const std::string_view rest = raw.substr(at);
    std::size_t step = 2;
    if (rest[0] != '\\') {
      step = decode_utf8(rest).length;
    } else if (rest[1] == 'u') {
      step = is_high_surrogate(read_code_unit(rest.data() + 2)) ? 12 : 6;
    }
    if (at + step > bytes) break;
    at += step;
  }
  return raw.substr(0, at);
}

bool TextCutter::text() {
  const std::size_t begin = cursor_.offset() + 1;
  const std::optional<JsonText> text = cursor_.string();
  if (!text || text->raw.size() <= limit_) return text.has_value();
  const std::string mark = "... [" + std::to_string(text->raw.size()) + " bytes, cut]";
  out_.append(json_, copied_, begin - copied_);
  out_.append(first_bytes(text->raw, limit_ - mark.size())).append(mark);
  copied_ = begin + text->raw.size();
  return true;
}

class Splitter {
 public:
  Splitter(std::string_view document, std::size_t limit) : limit_(limit), reader_(document) {
    parts_ = reader_.read();
  }

  DocumentSet split();

 private:
  void plan();
  void shrink(std::size_t top);
  std::vector<std::size_t> find_leavers(std::size_t top) const;
  std::size_t room(const Part& part) const;
  std::string identity(const Part& part) const;
  void write(std::size_t index, std::size_t top, std::size_t text_limit, std::string& out) const;
  void write_document(std::size_t top, DocumentSet& set) const;
  bool cut(std::size_t top, std::string& text) const;
  std::string path(const Part& part) const;

  std::size_t limit_;
  PartReader reader_;
  std::vector<Part> parts_;
};

DocumentSet Splitter::split() {
  DocumentSet set;
  plan();
  for (std::size_t index = 1; index < parts_.size(); ++index) {
    if (!parts_[index].is_detached) continue;
    ++set.counts.split;
    write_document(index, set);
  }
  write_document(0, set);
  return set;
}

/// Decides who leaves, from the leaves upward, so that every document is as large as it may be.
void Splitter::plan() {
  for (std::size_t left = parts_.size(); left > 0; --left) {
    Part& part = parts_[left - 1];
    part.bytes = 2 + part.members.size() + part.identity.size();
    if (!part.children.empty()) part.bytes += kInner.size() + 1;
    for (const std::size_t child : part.children) {
      part.bytes += parts_[child].bytes + 1;
      part.is_finished = part.is_finished && parts_[child].is_finished;
    }
    const bool is_document = part.is_finished || part.parent == kNone;
    if (is_document && part.bytes > room(part)) shrink(left - 1);
  }
}

void Splitter::shrink(std::size_t top) {
  Part& part = parts_[top];
  for (const std::size_t leaver : find_leavers(top)) {
    if (part.bytes <= room(part)) return;
    parts_[leaver].is_detached = true;
    part.bytes -= parts_[leaver].bytes + 1;
  }
}

/// The finished subtrees that `top` could do without, largest first: its finished children, and
/// those below children that go on.
std::vector<std::size_t> Splitter::find_leavers(std::size_t top) const {
  std::vector<std::size_t> leavers;
  std::vector<std::size_t> ongoing{top};
  while (!ongoing.empty()) {
    const std::size_t node = ongoing.back();
    ongoing.pop_back();
    for (const std::size_t child : parts_[node].children) {
      if (parts_[child].is_detached) continue;
      (parts_[child].is_finished ? leavers : ongoing).push_back(child);
    }
  }
  std::ranges::stable_sort(leavers, std::ranges::greater{},
                           [this](std::size_t leaver) { return parts_[leaver].bytes; });
  return leavers;
}

std::size_t Splitter::room(const Part& part) const {
  const std::size_t extra = identity(part).size();
  return limit_ > extra ? limit_ - extra : 0;
}

std::string Splitter::identity(const Part& part) const {
  if (part.parent == kNone) return {};
  std::string text = R"(,"type":"subsegment","trace_id":)";
  text.append(reader_.trace_id()).append(R"(,"parent_id":")");
  return text.append(parts_[part.parent].id).append("\"");
}

void Splitter::write(std::size_t index, std::size_t top, std::size_t text_limit,
                     std::string& out) const {
  const Part& part = parts_[index];
  if (text_limit == kNone) {
    out.append("{").append(part.members);
  } else {
    out += TextCutter("{" + part.members + "}", text_limit).cut();
    out.pop_back();
  }
  out += index == top ? identity(part) : part.identity;
  bool is_first = true;
  for (const std::size_t child : part.children) {
    if (parts_[child].is_detached) continue;
    out += is_first ? kInner : ",";
    is_first = false;
    write(child, top, text_limit, out);
  }
  out += is_first ? "}" : "]}";
}

void Splitter::write_document(std::size_t top, DocumentSet& set) const {
  std::string text;
  write(top, top, kNone, text);
  if (text.size() > limit_) {
    if (!cut(top, text)) {
      ++set.counts.refused;
      set.refusals.push_back({Error::Code::document_too_large, Phase::none,
                              "\"" + path(parts_[top]) + "\" takes " + std::to_string(text.size()) +
                                  " bytes even with its texts cut, more than the " +
                                  std::to_string(limit_) + " of a datagram"});
      return;
    }
    ++set.counts.truncated;
  }
  set.documents.push_back(std::move(text));
}

/// Finds the mildest cut that makes the document fit. False where none does.
bool Splitter::cut(std::size_t top, std::string& text) const {
  std::size_t too_long = text.size();
  const auto rewrite = [this, top, &text](std::size_t text_limit) {
    text.clear();
    write(top, top, text_limit, text);
    return text.size() <= limit_;
  };
  if (!rewrite(kShortestText)) return false;
  std::size_t good = kShortestText;
  while (good + 1 < too_long) {
    const std::size_t middle = good + (too_long - good) / 2;
    (rewrite(middle) ? good : too_long) = middle;
  }
  return rewrite(good);
}

std::string Splitter::path(const Part& part) const {
  std::string path = part.name;
  for (std::size_t above = part.parent; above != kNone; above = parts_[above].parent) {
    path.insert(0, " > ").insert(0, parts_[above].name);
  }
  return path;
}

}  // namespace

void append_compact(std::string& out, std::string_view json) {
  std::size_t begin = 0;
  bool is_inside = false;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (is_inside) {
      if (c == '\\') ++at;
      if (c == '"') is_inside = false;
    } else if (c == '"') {
      is_inside = true;
    } else if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
      out.append(json, begin, at - begin);
      begin = at + 1;
    }
  }
  out.append(json, begin);
}

DocumentSet split_document(std::string_view document, std::size_t limit) {
  std::string compact;
  compact.reserve(document.size());
  append_compact(compact, document);
  if (compact.size() > limit) return Splitter(compact, limit).split();
  DocumentSet set;
  set.documents.push_back(std::move(compact));
  return set;
}

}  // namespace xtrace
