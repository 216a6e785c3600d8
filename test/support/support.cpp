// SPDX-License-Identifier: MIT
#include "test/support/support.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "kernels/runtime/error_type.h"
#include "kernels/runtime/philox.h"
#include "kernels/runtime/precision.h"
#include "kernels/runtime/run.h"

namespace test {

std::filesystem::path golden() {
  const char* moved = std::getenv("SOFTLABEL_TEST_DATA");
  return moved != nullptr ? moved : SOFTLABEL_TEST_DATA;
}

bool cuda_memory_guards_itself = false;

std::vector<Device> devices() {
  static const std::vector<Device> all = [] {
    const std::string reason = kernels::why_unavailable(Device::cuda);
    if (reason.empty()) return std::vector{Device::cpu, Device::cuda};
    if (kernels::has_cuda) std::fprintf(stderr, "cuda is not tested: %s\n", reason.c_str());
    return std::vector{Device::cpu};
  }();
  return all;
}

std::vector<DType> activation_types(Device device) {
  const std::string reason = kernels::why_unavailable(device, kernels::Precision::bf16);
  if (reason.empty()) return {DType::f32, DType::bf16};
  return {DType::f32};
}

std::vector<float> rounded(DType type, std::vector<float> values) {
  if (type == DType::bf16)
    for (float& value : values) value = kernels::bf16(value);
  return values;
}

double rounding(DType type) { return type == DType::bf16 ? 0x1p-8 : 0; }

std::vector<float> random_values(std::size_t size, float low, float high, std::uint64_t seed) {
  std::vector<float> x(size);
  for (std::size_t i = 0; i < size; i += 4) {
    const auto words = kernels::random_words(seed, kernels::Purpose::test, 0, i / 4);
    for (std::size_t j = 0; j < std::min<std::size_t>(4, size - i); ++j)
      x[i + j] = float(low + (high - low) * kernels::to_unit(words[j]));
  }
  return x;
}

std::vector<std::int32_t> random_labels(std::size_t size, int classes, std::uint64_t seed) {
  std::vector<std::int32_t> label(size);
  for (std::size_t i = 0; i < size; ++i) {
    const auto word = kernels::random_words(seed, kernels::Purpose::test, 1, i / 4)[i % 4];
    label[i] = std::int32_t(kernels::to_range(word, std::uint32_t(classes)));
  }
  return label;
}

namespace {
constexpr int guard_byte = 0xC3;

bool guards_itself(Device device) { return device == Device::cuda && cuda_memory_guards_itself; }
}  // namespace

template <class T>
DeviceArray<T>::DeviceArray(Device device, std::size_t size)
    : device_(device),
      size_(size),
      guard_(guards_itself(device) ? 0 : 64),
      block_(
          static_cast<unsigned char*>(kernels::raw_alloc(device, size * sizeof(T) + 2 * guard_))) {
  if (guards_itself(device)) return;
  // 0xFF in every byte is a NaN as float and as bf16, and for the integers as good a poison as any.
  kernels::fill_bytes(device, block_, guard_byte, size * sizeof(T) + 2 * guard_);
  kernels::fill_bytes(device, block_ + guard_, std::is_integral_v<T> ? 0xA5 : 0xFF,
                      size * sizeof(T));
}

template <class T>
DeviceArray<T>::DeviceArray(Device device, const std::vector<T>& values)
    : DeviceArray(device, values.size()) {
  kernels::copy(data(), device, values.data(), Device::cpu, values.size() * sizeof(T));
}

template <class T>
DeviceArray<T>::~DeviceArray() {
  std::vector<unsigned char> all(size_ * sizeof(T) + 2 * guard_);
  try {
    kernels::copy(all.data(), Device::cpu, block_, device_, all.size());
    const auto intact = [](unsigned char byte) { return byte == guard_byte; };
    CHECK(std::all_of(all.begin(), all.begin() + guard_, intact));
    CHECK(std::all_of(all.end() - guard_, all.end(), intact));
  } catch (const kernels::Error&) {
    // A kernel has failed, and whoever waits for it hears of it.
  }
  kernels::raw_free(device_, block_);
}

template <class T>
std::vector<T> DeviceArray<T>::host() const {
  std::vector<T> values(size_);
  kernels::copy(values.data(), Device::cpu, data(), device_, size_ * sizeof(T));
  return values;
}

template class DeviceArray<float>;
template class DeviceArray<double>;
template class DeviceArray<kernels::bf16>;
template class DeviceArray<std::int32_t>;
template class DeviceArray<std::uint8_t>;

ShiftedArray::ShiftedArray(Device device, std::size_t size, int offset, DType type, PartOfRows part)
    : type_(type),
      part_(part),
      size_(size),
      offset_(std::size_t(offset)),
      units_each_(kernels::size_of(type) / sizeof(kernels::bf16)),
      units_(device, (size_ / part.columns * part.pitch + offset_) * units_each_) {}

ShiftedArray::ShiftedArray(Device device, const std::vector<float>& values, int offset, DType type,
                           PartOfRows part)
    : ShiftedArray(device, values.size(), offset, type, part) {
  kernels::with_type(type, [&](auto element) {
    std::vector<decltype(element)> typed;
    for (std::size_t i = 0; i < values.size(); ++i) {
      typed.emplace_back(values[i]);
      if ((i + 1) % part.columns == 0)
        typed.resize(typed.size() + part.pitch - part.columns, decltype(element)(float(NAN)));
    }
    kernels::copy(out().data, device, typed.data(), Device::cpu, typed.size() * sizeof(element));
  });
}

std::vector<float> ShiftedArray::with_gaps() const {
  const auto units = units_.host();
  std::vector<float> values;
  kernels::with_type(type_, [&](auto element) {
    std::vector<decltype(element)> typed(size_ / part_.columns * part_.pitch);
    std::memcpy(typed.data(), units.data() + offset_ * units_each_, typed.size() * sizeof(element));
    values.assign(typed.begin(), typed.end());
  });
  return values;
}

std::vector<float> ShiftedArray::host() const {
  std::vector<float> values = with_gaps();
  for (std::size_t i = 0; i < size_; ++i)
    values[i] = values[i / part_.columns * part_.pitch + i % part_.columns];
  values.resize(size_);
  return values;
}

bool ShiftedArray::gaps_are_nan() const {
  const std::vector<float> values = with_gaps();
  for (std::size_t i = 0; i < values.size(); ++i)
    if (int(i % part_.pitch) >= part_.columns && !std::isnan(values[i])) return false;
  return true;
}

void expect_close(const std::vector<float>& got, const std::vector<double>& want, double rtol,
                  double atol, const std::string& what) {
  REQUIRE(got.size() == want.size());
  double worst = 0;
  std::size_t at = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    double used = std::abs(double(got[i]) - want[i]) / (atol + rtol * std::abs(want[i]));
    if (std::isinf(want[i]))
      used = double(got[i]) == want[i] ? 0 : std::numeric_limits<double>::infinity();
    if (std::isnan(used)) used = std::numeric_limits<double>::infinity();
    if (used > worst) worst = used, at = i;
  }
  if (got.empty()) return;
  INFO(what << ": element " << at << " is " << got[at] << ", should be " << want[at] << "; uses "
            << 100 * worst << " % of the tolerance");
  CHECK(worst <= 1);
}

double dot(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double(a[i]) * b[i];
  return sum;
}

}  // namespace test
