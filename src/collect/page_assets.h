#pragma once

/// The page's files (src/collect/web), compiled in by tools/embed_assets.py.

#include <span>
#include <string_view>

namespace xtrace::collect {

/// Every text and body lives as long as the program.
struct PageAsset {
  std::string_view name{};  ///< Below src/collect/web, with slashes: `app.js`.
  std::string_view content_type{};
  std::string_view tag{};     ///< For ETag, with its quotes: it changes with the body.
  std::string_view body{};    ///< As it is.
  std::string_view packed{};  ///< With gzip; empty where that is no shorter.
};

/// In ascending order of names.
std::span<const PageAsset> page_assets();

/// Null where there is none of that name.
const PageAsset* find_page_asset(std::string_view name);

}  // namespace xtrace::collect
