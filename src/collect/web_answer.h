#pragma once

/// The answers of the collector's two ports, with the fields that keep browsers within bounds.

#include <string>
#include <string_view>

#include <xtrace/server_call.h>

#include "collect/page_assets.h"

namespace xtrace::collect {

/// What every answer is to have: no guessing of types, no telling where a link was, nothing for
/// pages of other origins. Once a call, before it is answered.
void add_safe_fields(ServerCall& call);

/// Not kept by caches.
void answer_json(ServerCall call, int status, std::string body);
/// `{"error":{"message":"..."}}`
void answer_error(ServerCall call, int status, std::string_view message);
void answer_text(ServerCall call, std::string_view content_type, std::string body);
/// For a method that the path does not take.
void answer_wrong_method(ServerCall call, std::string_view allowed);

enum class AssetUse : bool {
  file,
  document,  ///< The page itself, which may load its own files and nothing else.
};
/// A file of the page: 304 where the client has it already, packed where it unpacks.
void answer_asset(ServerCall call, const PageAsset& asset, AssetUse use);

}  // namespace xtrace::collect
