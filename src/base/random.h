#pragma once

/// Random bytes and the hex ids made of them.
///
/// Every thread has its own generator, seeded by the kernel when first used and again in a child
/// after `fork`, so that two processes never hand out the same ids. Good for ids, not for keys.

#include <array>
#include <cstddef>
#include <span>

namespace xtrace {

/// Fills `out`. From any thread; allocates nothing.
void random_bytes(std::span<std::byte> out);

/// 96 random bits as lower-case hex, never all zeros.
std::array<char, 24> random_hex_96();

/// 64 random bits as lower-case hex, never all zeros.
std::array<char, 16> random_hex_64();

}  // namespace xtrace
