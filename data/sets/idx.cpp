// SPDX-License-Identifier: MIT
#include "data/sets/idx.h"

#include <fcntl.h>
#include <fmt/ranges.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <memory>

#include "engine/system/regular_file.h"
#include "kernels/runtime/error.h"

namespace data {
namespace {

using kernels::fail;
using kernels::require;

/// An open IDX file of bytes. zlib passes through what is not compressed.
class IdxFile {
 public:
  IdxFile(const std::filesystem::path& path, int rank) : path_(path.string()) {
    try {
      file_.reset(open(path));
    } catch (const kernels::Error& e) {
      fail("{} cannot be read: {}", path_, e.what());
    }
    const std::vector<std::uint8_t> want{0, 0, 8, std::uint8_t(rank)}, got = read(want.size());
    require(
        got == want,
        "{} is not an IDX file of bytes with {} dimension(s): it starts with {:02x}, not {:02x}",
        path_, rank, fmt::join(got, " "), fmt::join(want, " "));
    for (int i = 0; i < rank; ++i) {
      std::uint32_t extent = 0;
      for (const std::uint8_t byte : read(4)) extent = extent << 8 | byte;
      shape_.push_back(extent);
    }
  }

  const std::string& path() const { return path_; }
  const std::vector<std::uint32_t>& shape() const { return shape_; }

  std::vector<std::uint8_t> values() {
    std::size_t size = 1;
    for (const std::uint32_t extent : shape_) size *= extent;
    // The checksum comes after the last value: zlib compares it only on the way to a byte more,
    // and misses that the checksum is missing unless the same call asks for both.
    return read(size, 1);
  }

 private:
  struct Close {
    void operator()(gzFile file) const { gzclose(file); }
  };

  static gzFile open(const std::filesystem::path& path) {
    const nn::RegularFile file(path);
    const int descriptor = fcntl(file.descriptor(), F_DUPFD_CLOEXEC, 0);  // zlib closes its own
    require(descriptor >= 0, "{}", std::strerror(errno));
    const gzFile opened = gzdopen(descriptor, "rb");
    if (opened == nullptr) close(descriptor);
    require(opened != nullptr, "there is no memory for it");
    return opened;
  }

  /// `size` bytes, behind which there are not `more`.
  std::vector<std::uint8_t> read(std::size_t size, std::size_t more = 0) {
    // Piece by piece: a damaged header cannot ask for more memory than the file can fill.
    constexpr std::size_t piece = std::size_t{1} << 24;
    std::vector<std::uint8_t> bytes;
    while (bytes.size() < size) {
      const std::size_t before = bytes.size(), end = std::min(size, before + piece);
      bytes.resize(end == size ? end + more : end);
      const std::size_t got = before + read_some(bytes.data() + before, bytes.size() - before);
      require(got >= end, "{} is truncated: it ends {} bytes too early", path_, size - got);
      require(got <= size, "{} is too long: it goes on after the {} values of its header", path_,
              size);
      bytes.resize(end);
    }
    return bytes;
  }

  std::size_t read_some(std::uint8_t* to, std::size_t size) {
    const int got = gzread(file_.get(), to, unsigned(size));
    int status = Z_OK;
    const std::string said = gzerror(file_.get(), &status);  // "<fd:3>: reason"
    const std::string reason = said.substr(std::min(said.size(), said.find('>') + 1));
    require(status != Z_BUF_ERROR, "{} is truncated: its gzip data stops in the middle", path_);
    require(got >= 0, "{}{}{}", path_, reason, status == Z_ERRNO ? "" : " (damaged)");
    return std::size_t(got);
  }

  std::string path_;
  std::unique_ptr<gzFile_s, Close> file_;
  std::vector<std::uint32_t> shape_;
};

}  // namespace

Images read_idx(const std::filesystem::path& images_path, const std::filesystem::path& labels_path,
                int side, int classes) {
  IdxFile image_file(images_path, 3), label_file(labels_path, 1);
  const std::uint32_t count = image_file.shape()[0], extent = std::uint32_t(side);
  require(image_file.shape()[1] == extent && image_file.shape()[2] == extent,
          "{} has images of {} pixels, not of {} x {}", image_file.path(),
          fmt::join(image_file.shape().begin() + 1, image_file.shape().end(), " x "), side, side);
  require(count > 0 && count <= INT_MAX, "{} has {} images", image_file.path(), count);
  require(label_file.shape()[0] == count, "{} has {} images, but {} has {} labels",
          image_file.path(), count, label_file.path(), label_file.shape()[0]);

  const std::vector<std::uint8_t> labels = label_file.values();
  for (std::size_t i = 0; i < labels.size(); ++i)
    require(labels[i] < classes, "{}: label {} of image {} is not in [0, {})", label_file.path(),
            labels[i], i, classes);
  return {.count = int(count),
          .height = side,
          .width = side,
          .channels = 1,
          .pixels = image_file.values(),
          .labels = {labels.begin(), labels.end()}};
}

}  // namespace data
