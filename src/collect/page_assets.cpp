#include "collect/page_assets.h"

#include <algorithm>

namespace xtrace::collect {

const PageAsset* find_page_asset(std::string_view name) {
  const std::span<const PageAsset> assets = page_assets();
  const auto found = std::ranges::lower_bound(assets, name, {}, &PageAsset::name);
  return found != assets.end() && found->name == name ? &*found : nullptr;
}

}  // namespace xtrace::collect
