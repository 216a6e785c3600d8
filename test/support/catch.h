// SPDX-License-Identifier: MIT
#pragma once
// Catch2 2.x is one header, 3.x a library; the tests use only what both have.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
namespace Catch::Matchers {
inline auto Contains(const char* part) { return ContainsSubstring(part); }
inline auto Contains(std::string part) { return ContainsSubstring(part); }
}  // namespace Catch::Matchers
#else
#include <catch2/catch.hpp>
#endif
