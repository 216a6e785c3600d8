// SPDX-License-Identifier: MIT
#pragma once
// Catch2 2.x is one header, 3.x a library; the tests use only what both have.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
