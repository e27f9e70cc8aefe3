#pragma once

/// `SeriesCache` finds the series of requests that are alike without taking memory: what was asked
/// for last at once, the rest in a table.
///
/// It keeps a bounded number of rows, so a crawler's hosts do not fill it: where it is full it
/// starts anew, and the sink is asked again for the series, which it has.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <xtrace/http.h>

namespace xtrace {

/// What tells requests apart. Without a target id the URL's host and port stand for it.
struct RequestKind {
  std::string_view target_id{};
  const Url& url;
  std::string_view method{};
  bool is_reused = false;
};

/// The tags of a row as texts.
struct RowTags {
  std::string target_id{};
  std::string method{};
  bool is_reused = false;
};

template <class Row>
class SeriesCache {
 public:
  static constexpr std::size_t kMostRows = 4096;

  struct Entry {
    RowTags tags{};
    Row row{};
  };

  /// Valid until it is asked for another.
  Entry& find(const RequestKind& kind) {
    if (last_ != nullptr && is_of(last_->first, kind)) return last_->second;
    const View view = view_of(kind);
    auto found = rows_.find(view);
    if (found == rows_.end()) {
      if (rows_.size() >= kMostRows) rows_.clear();
      found = rows_.try_emplace(Key(view), make_entry(kind)).first;
    }
    last_ = &*found;
    return found->second;
  }

 private:
  struct Key;

  struct View {
    std::string_view target_id{};
    std::string_view host{};
    std::string_view method{};
    std::uint16_t port = 0;
    bool is_reused = false;

    View() = default;
    explicit View(const Key& key)
        : target_id(key.target_id),
          host(key.host),
          method(key.method),
          port(key.port),
          is_reused(key.is_reused) {}
    friend bool operator==(const View&, const View&) = default;
  };

  struct Key {
    std::string target_id;
    std::string host;
    std::string method;
    std::uint16_t port;
    bool is_reused;

    explicit Key(const View& view)
        : target_id(view.target_id),
          host(view.host),
          method(view.method),
          port(view.port),
          is_reused(view.is_reused) {}
  };

  struct Hash {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): the library's name
    std::size_t operator()(const View& view) const {
      const std::hash<std::string_view> hash;
      constexpr std::size_t kFactor = 31;
      std::size_t sum = hash(view.target_id) * kFactor + hash(view.host);
      sum = sum * kFactor + hash(view.method);
      return (sum * kFactor + view.port) * 2 + (view.is_reused ? 1 : 0);
    }
    std::size_t operator()(const Key& key) const { return (*this)(View(key)); }
  };

  struct Equal {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): the library's name
    static View view(const View& view) { return view; }
    static View view(const Key& key) { return View(key); }
    bool operator()(const auto& left, const auto& right) const { return view(left) == view(right); }
  };

  /// Without a view, for almost always it is the one.
  static bool is_of(const Key& key, const RequestKind& kind) {
    if (key.is_reused != kind.is_reused || key.method != kind.method) return false;
    if (key.target_id != kind.target_id) return false;
    return !key.target_id.empty() || (key.host == kind.url.host() && key.port == kind.url.port());
  }

  static View view_of(const RequestKind& kind) {
    View view;
    view.target_id = kind.target_id;
    view.method = kind.method;
    view.is_reused = kind.is_reused;
    if (!kind.target_id.empty()) return view;
    view.host = kind.url.host();
    view.port = kind.url.port();
    return view;
  }

  static Entry make_entry(const RequestKind& kind) {
    Entry entry;
    entry.tags.target_id =
        kind.target_id.empty() ? kind.url.host_port() : std::string(kind.target_id);
    entry.tags.method = kind.method;
    entry.tags.is_reused = kind.is_reused;
    return entry;
  }

  std::unordered_map<Key, Entry, Hash, Equal> rows_{};
  std::pair<const Key, Entry>* last_ = nullptr;
};

}  // namespace xtrace
