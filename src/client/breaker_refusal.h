#pragma once

/// The sentence of a breaker that lets nothing through.

#include <string_view>

#include <xtrace/circuit_breaker.h>

#include "client/breaker.h"

namespace xtrace {

/// `the circuit breaker of https://pay.example.com:443 is open: 12 of 20 requests failed in 10 s;
/// it is tried again in 3.2 s`.
Error refusal_error(std::string_view bucket, const BreakerRefusal& refusal,
                    const BreakerConfig& config);

}  // namespace xtrace
