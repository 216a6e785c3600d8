// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "kernels/runtime/array.h"
#include "kernels/runtime/device.h"
#include "kernels/runtime/memory.h"
#include "test/support/catch.h"

/// What the tests of all ops share. An op is tested through its kernel struct on every device there
/// is, against loops in double that are written in its own test file as plainly as possible.
namespace test {

using kernels::Device;
using kernels::DType;

/// cpu, and cuda where this build and this machine have it. For GENERATE(from_range(devices())).
std::vector<Device> devices();

/// The types of activations that a device can compute with: f32, and bf16 where it has that. For
/// GENERATE_COPY(from_range(activation_types(device))).
std::vector<DType> activation_types(Device);

/// Values as activations of a type hold them.
std::vector<float> rounded(DType, std::vector<float> values);

/// How much of a number is lost, at most, when it becomes an activation of bf16: half of the last
/// of 8 bits. For f32, which formulas are computed in, 0.
double rounding(DType);

/// Uniform in [low, high], the same for the same seed.
std::vector<float> random_values(std::size_t size, float low, float high, std::uint64_t seed);
std::vector<std::int32_t> random_labels(std::size_t size, int classes, std::uint64_t seed);

/// The folder test/golden, or SOFTLABEL_TEST_DATA of the environment, for tests that were built
/// elsewhere.
std::filesystem::path golden();

/// Set by builds whose CUDA memory has guards and poison of its own, and finer ones (CUDA on host).
extern bool cuda_memory_guards_itself;

/// An array on a device, between guard words. Made by size it is poisoned: NaN for float, 0xA5
/// bytes otherwise. The destructor checks that nobody wrote to the guards.
template <class T>
class DeviceArray {
 public:
  DeviceArray(Device device, std::size_t size);
  DeviceArray(Device device, const std::vector<T>& values);
  ~DeviceArray();
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;

  T* data() const { return reinterpret_cast<T*>(block_ + guard_); }
  std::size_t size() const { return size_; }
  std::vector<T> host() const;

 private:
  Device device_;
  std::size_t size_;
  std::size_t guard_;  // bytes before and after
  unsigned char* block_;
};

/// The first `columns` of rows that have `pitch`.
struct PartOfRows {
  int columns = 1, pitch = 1;
};

/// Floats, or activations of another type, that begin `offset` elements after the start of an
/// array, which is aligned. Made by size they are NaN, as what is between parts of rows.
class ShiftedArray {
 public:
  ShiftedArray(Device, std::size_t size, int offset, DType = DType::f32, PartOfRows = {});
  ShiftedArray(Device, const std::vector<float>& values, int offset, DType = DType::f32,
               PartOfRows = {});

  float* data() const { return out().f32(); }
  kernels::ConstArray in() const { return {out().data, type_, out().pitch}; }
  kernels::Array out() const {
    return {units_.data() + offset_ * units_each_, type_,
            part_.pitch > part_.columns ? part_.pitch : 0};
  }
  std::vector<float> host() const;
  bool gaps_are_nan() const;

 private:
  std::vector<float> with_gaps() const;

  DType type_;
  PartOfRows part_;
  std::size_t size_, offset_, units_each_;  // size_ without gaps
  DeviceArray<kernels::bf16> units_;        // of f32 two to an element
};

/// Fails unless |got - want| <= atol + rtol |want| everywhere (NaN never fits; infinities only
/// themselves); says which element is worst and how much of the tolerance it used.
void expect_close(const std::vector<float>& got, const std::vector<double>& want, double rtol,
                  double atol, const std::string& what = "");

inline std::vector<double> to_double(const std::vector<float>& x) { return {x.begin(), x.end()}; }

double dot(const std::vector<float>& a, const std::vector<float>& b);  // in double

}  // namespace test
