// SPDX-License-Identifier: MIT
// Images and labels, two parts of the input. They are the files as they are, gzipped or not, or,
// where the input begins with "z", what is gzipped here: so its checksum is right.
#include "data/sets/idx.h"

#include <zlib.h>

#include "test/fuzz/fuzz.h"

namespace {

std::vector<std::uint8_t> gzipped(fuzz::Input input) {
  z_stream stream{};
  constexpr int largest_window = 15, gzip = 16;
  const int ready = deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, largest_window + gzip,
                                 MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY);
  fuzz::check(ready == Z_OK, "zlib is ready");
  std::vector<std::uint8_t> bytes(deflateBound(&stream, uLong(input.size())));
  stream.next_in = const_cast<std::uint8_t*>(input.data());
  stream.avail_in = uInt(input.size());
  stream.next_out = bytes.data();
  stream.avail_out = uInt(bytes.size());
  fuzz::check(deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib gzips");
  bytes.resize(stream.total_out);
  deflateEnd(&stream);
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::File images, labels;
  constexpr int side = 2, classes = 10;
  const bool to_gzip = size > 0 && data[0] == 'z';
  const auto parts = fuzz::parts_of(fuzz::Input(data, size).subspan(to_gzip ? 1 : 0), 2);
  const auto file = [&](fuzz::File& to, fuzz::Input part) {
    return to_gzip ? to.holding(gzipped(part)) : to.holding(part);
  };
  const auto image_file = file(images, parts[0]), label_file = file(labels, parts[1]);
  fuzz::accepts("/proc/self/fd/", [&] {
    const data::Images read = data::read_idx(image_file, label_file, side, classes);
    const auto count = std::size_t(read.count);
    fuzz::check(read.pixels.size() == count * side * side && read.labels.size() == count,
                "there is an image for each label");
    for (const int label : read.labels)
      fuzz::check(label >= 0 && label < classes, "labels are of classes");
  });
  return 0;
}
