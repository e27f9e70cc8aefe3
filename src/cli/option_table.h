#pragma once

/// The table of every flag of `xtrace get` and its sisters.

#include <cstdint>
#include <optional>
#include <span>

#include "cli/flags.h"

namespace xtrace::cli {

enum class OptionId : std::uint8_t {
  request,
  header,
  data,
  data_raw,
  data_binary,
  json,
  form,
  upload_file,
  head,
  user,
  user_agent,
  referer,
  cookie,
  compressed,
  expect_100,
  ipv4,
  ipv6,
  resolve,
  connect_to,
  unix_socket,
  proxy,
  noproxy,
  keepalive_time,
  insecure,
  cacert,
  cert,
  key,
  sni,
  tls_1_0,
  tls_1_1,
  tls_1_2,
  tls_1_3,
  tls_max,
  no_alpn,
  no_sessionid,
  location,
  max_redirs,
  max_time,
  connect_timeout,
  dns_timeout,
  dial_timeout,
  proxy_timeout,
  tls_timeout,
  response_timeout,
  idle_timeout,
  expect100_timeout,
  retry,
  retry_on,
  retry_after,
  backoff,
  attempt_timeout,
  race,
  repeat_any_method,
  breaker,
  pool,
  target_id,
  endpoint,
  requests,
  concurrency,
  rate,
  duration,
  warmup,
  interval,
  keepalive,
  one_trace,
  format,
  output,
  write_out,
  metrics,
  include,
  verbose,
  silent,
  unit,
  color,
  fail,
  expect_status,
  slo,
  emit,
  name,
  annotate,
  metadata,
  trace_header,
  sampled,
  require_emit,
  no_redact,
};

/// Every row, in the order of `OptionId` and of the help.
std::span<const FlagRow> option_table();

/// Which option a row of that name is; another verb's row of the same name is the same option.
std::optional<OptionId> option_id(const FlagRow& row);

}  // namespace xtrace::cli
