// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "data/pictures/memory_budget.h"
#include "kernels/runtime/error_type.h"

namespace data {

/// A picture of three channels, [height, width, 3]; grey ones have them equal.
struct Picture {
  int height, width;
  MemoryBudget::Lease memory;  // for the pixels
  std::unique_ptr<std::uint8_t[]> rgb;
};

/// The memory that pictures may use together where nothing else is said: 1 GiB.
MemoryBudget& picture_memory();

struct PictureOptions {
  bool exif_orientation = true;  // turned as a camera notes that it was held
  MemoryBudget* memory = &picture_memory();
};

/// Reads a JPEG, PNG, BMP, PNM, WebP or GIF file, whatever its name, with the pixels that Pillow's
/// convert("RGB") gives after its ImageOps.exif_transpose: README.md says what each format may
/// have. Transparency is dropped. Waits while other threads' pictures use the memory that it needs.
/// Throws Error with the file and the fact: unreadable, empty, of another format (named if it is
/// known), damaged as far as its format shows it, truncated, of more pixels than the file can hold,
/// of more than 100 million, or of more memory than there is for pictures.
Picture read_picture(const std::filesystem::path&, const PictureOptions& = {});

/// The same of a file's content. `name` is what errors call it.
Picture decode_picture(std::span<const std::uint8_t> bytes, const std::string& name,
                       const PictureOptions& = {});

/// The text of an error of read_picture behind the name of the file.
std::string reason_of(const kernels::Error&, const std::filesystem::path&);

/// The ending of a file's name in lower case, with its dot; empty if it has none.
std::string ending_of(const std::filesystem::path&);

/// Whether a file's name ends as those of pictures that are read do.
bool has_picture_name(const std::filesystem::path&);

}  // namespace data
