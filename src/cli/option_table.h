#pragma once

/// The table of every flag of `xtrace get` and its sisters: parsing, `--help` and suggestions are
/// generated from it.
///
/// A flag that is not in the table does not exist; one that is in it is parsed, documented and
/// suggested alike.

#include <cstdint>
#include <span>
#include <string_view>

namespace xtrace::cli {

enum class OptionId : std::uint8_t {
  request,
  header,
  data,
  data_raw,
  data_binary,
  json,
  head,
  user,
  user_agent,
  ipv4,
  ipv6,
  resolve,
  connect_to,
  unix_socket,
  insecure,
  cacert,
  cert,
  key,
  sni,
  max_time,
  connect_timeout,
  dns_timeout,
  tls_timeout,
  response_timeout,
  idle_timeout,
  format,
  output,
  include,
  verbose,
  silent,
  unit,
  color,
  fail,
  expect_status,
  emit,
  name,
  annotate,
  metadata,
  trace_header,
  sampled,
  require_emit,
  no_redact,
  short_help,
  whole_help,
};

/// The headings of `--help`, in their order.
enum class OptionGroup : std::uint8_t { request, route, tls, limits, output, judge, trace, help };

std::string_view to_string(OptionGroup group);

struct OptionRow {
  OptionId id;
  std::string_view name;      ///< Without its dashes; empty for a flag that is a letter only.
  char letter;                ///< `\0` where there is none.
  std::string_view argument;  ///< What its value is called; empty for a flag without a value.
  OptionGroup group;
  bool in_short_help;
  std::string_view help;

  bool takes_value() const { return !argument.empty(); }
};

/// Every row, in the order of the help: groups are contiguous.
std::span<const OptionRow> option_table();

/// The row of a long name or of a letter, or null.
const OptionRow* find_option(std::string_view name);
const OptionRow* find_option(char letter);

/// The row whose long name takes the fewest edits (insert, delete, replace, swap neighbours) to get
/// from `name`, or null where none is near: a suggestion that shares nothing with what was typed
/// helps nobody.
const OptionRow* nearest_option(std::string_view name);

/// Flags of curl and of later versions of xtrace that this version does not have. Suggesting a
/// neighbour for them would mislead: the person typed what they meant.
bool is_known_elsewhere(std::string_view name);
bool is_known_elsewhere(char letter);

/// How many edits lead from `from` to `to`.
std::size_t edit_distance(std::string_view from, std::string_view to);

}  // namespace xtrace::cli
