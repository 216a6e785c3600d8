// SPDX-License-Identifier: MIT
#include "test/cuda_on_host/shadow.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>

namespace cuda_on_host {
namespace {

constexpr std::size_t page = 4096;

}  // namespace

Shadow::Shadow(std::uintptr_t begin, std::size_t bytes) : begin_(begin - begin % 4) {
  const std::size_t count = (begin + bytes - begin_) / 4 + 1;
  void* memory = mmap(nullptr, count * sizeof(Cell), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) std::abort();
  cells_ = static_cast<Cell*>(memory);  // pages of zeros, which is what a new Cell is
}

std::array<Cell, 4>& Shadow::split(Cell& cell) {
  auto [at, is_new] = parts_.try_emplace(&cell);
  if (is_new) {
    for (unsigned i = 0; i < 4; ++i) {
      at->second[i] = cell;
      at->second[i].initialised = cell.initialised >> i & 1;
    }
    cell.split = true;
  }
  return at->second;
}

void Shadow::mark_written(std::uintptr_t address, std::size_t bytes) {
  visit(address, bytes, [](Cell& cell, unsigned mask) { cell.initialised |= std::uint8_t(mask); });
}

void Shadow::forget(std::uintptr_t address, std::size_t bytes) {
  Cell* const begin = cells_ + (address - begin_) / 4;
  Cell* const end = cells_ + (address + bytes - 1 - begin_) / 4 + 1;
  parts_.erase(parts_.lower_bound(begin), parts_.lower_bound(end));
  // Whole pages go back to the system, the rest is cleared by hand.
  const auto round_up = [](Cell* cell) {
    return reinterpret_cast<char*>((reinterpret_cast<std::uintptr_t>(cell) + page - 1) / page *
                                   page);
  };
  char* const pages_begin = round_up(begin);
  char* const pages_end = round_up(end) - page;
  if (pages_begin >= pages_end) {
    std::fill(begin, end, Cell{});
    return;
  }
  std::fill(reinterpret_cast<char*>(begin), pages_begin, char{0});
  madvise(pages_begin, std::size_t(pages_end - pages_begin), MADV_DONTNEED);
  std::fill(pages_end, reinterpret_cast<char*>(end), char{0});
}

}  // namespace cuda_on_host
