// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>

/// What is remembered of each four bytes that kernels may share: who wrote them last, who has read
/// them since, and which of them hold a value.
namespace cuda_on_host {

/// An access, by whom and when. Two threads of a block are ordered by a barrier (block epoch), two
/// of a warp also by __syncwarp (warp epoch); threads of two blocks of a launch never.
struct Stamp {
  std::uint32_t block = 0;  // serial number; 0: there was no access
  std::uint16_t thread = 0;
  std::uint16_t block_epoch = 0, warp_epoch = 0;
};

/// Of several reads only the last is kept, with how far apart the readers are that no barrier
/// orders.
enum class Readers : std::uint8_t { one, in_warp, in_block, in_grid };

struct Cell {
  Stamp written, read;
  Readers readers = Readers::one;
  bool written_atomically = false;
  bool split = false;            // its bytes have cells of their own
  std::uint8_t initialised = 0;  // a bit for each byte
};

/// The cells of a range of addresses. Threads may use the bytes of a word for different things, so
/// a word that is accessed in parts gets a cell for each byte.
class Shadow {
 public:
  Shadow(std::uintptr_t begin, std::size_t bytes);
  Shadow(const Shadow&) = delete;
  Shadow& operator=(const Shadow&) = delete;

  /// Calls visit(cell, mask) for the cells of an access; the mask has a bit for each byte of the
  /// cell that belongs to it, and a cell that is a byte's has only bit 0.
  template <class Visit>
  void visit(std::uintptr_t address, std::size_t bytes, Visit visit) {
    std::size_t at = address - begin_;
    const std::size_t end = at + bytes;
    while (at < end) {
      const std::size_t first = at % 4, count = end - at < 4 - first ? end - at : 4 - first;
      Cell& cell = cells_[at / 4];
      if (count == 4 && !cell.split) {
        visit(cell, 0xFu);
      } else {
        std::array<Cell, 4>& parts = split(cell);
        for (std::size_t i = first; i < first + count; ++i) visit(parts[i], 1u);
      }
      at += count;
    }
  }

  void mark_written(std::uintptr_t address, std::size_t bytes);
  void forget(std::uintptr_t address, std::size_t bytes);

 private:
  std::array<Cell, 4>& split(Cell&);

  std::uintptr_t begin_;
  Cell* cells_;  // pages come into being when they are touched
  std::map<Cell*, std::array<Cell, 4>> parts_;
};

}  // namespace cuda_on_host
