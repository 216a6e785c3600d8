// SPDX-License-Identifier: MIT
#pragma once
#include <cudnn.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// cuDNN's graph interface for tests, which want to make every mistake.
namespace test {

using Name = cudnnBackendAttributeName_t;

class CudnnDescriptor {
 public:
  explicit CudnnDescriptor(cudnnBackendDescriptorType_t type) {
    cudnnBackendDescriptor_t made = nullptr;
    cudnnBackendCreateDescriptor(type, &made);
    at_.reset(made);
  }

  cudnnBackendDescriptor_t get() const { return at_.get(); }
  cudnnStatus_t finalize() const { return cudnnBackendFinalize(get()); }

  cudnnStatus_t set(Name name, cudnnBackendAttributeType_t type, std::int64_t count,
                    const void* values) const {
    return cudnnBackendSetAttribute(get(), name, type, count, values);
  }
  cudnnStatus_t set(Name name, const std::vector<std::int64_t>& values) const {
    return set(name, CUDNN_TYPE_INT64, std::int64_t(values.size()), values.data());
  }
  cudnnStatus_t set(Name name, cudnnDataType_t value) const {
    return set(name, CUDNN_TYPE_DATA_TYPE, 1, &value);
  }
  cudnnStatus_t set(Name name, cudnnConvolutionMode_t value) const {
    return set(name, CUDNN_TYPE_CONVOLUTION_MODE, 1, &value);
  }
  cudnnStatus_t set(Name name, cudnnBackendHeurMode_t value) const {
    return set(name, CUDNN_TYPE_HEUR_MODE, 1, &value);
  }
  cudnnStatus_t set(Name name, float value) const { return set(name, CUDNN_TYPE_FLOAT, 1, &value); }
  cudnnStatus_t set(Name name, cudnnHandle_t value) const {
    return set(name, CUDNN_TYPE_HANDLE, 1, &value);
  }
  cudnnStatus_t set(Name name, const CudnnDescriptor& value) const {
    const cudnnBackendDescriptor_t at = value.get();
    return set(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &at);
  }
  cudnnStatus_t set(Name name, const std::vector<void*>& values) const {
    return set(name, CUDNN_TYPE_VOID_PTR, std::int64_t(values.size()), values.data());
  }

 private:
  struct Destroy {
    void operator()(cudnnBackendDescriptor_t at) const { cudnnBackendDestroyDescriptor(at); }
  };
  std::unique_ptr<void, Destroy> at_;
};

using Numbers = std::vector<std::int64_t>;

inline Numbers channels_last(const Numbers& d) {
  return {d[1] * d[2] * d[3], 1, d[1] * d[3], d[1]};
}

/// A tensor of which everything can be wrong; empty lists are not set.
struct CudnnTensor {
  std::int64_t id;
  Numbers dimensions;
  Numbers strides = channels_last(dimensions);
  std::int64_t alignment = 16;
  cudnnDataType_t type = CUDNN_DATA_FLOAT;

  CudnnDescriptor make() const {
    CudnnDescriptor d(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    d.set(CUDNN_ATTR_TENSOR_UNIQUE_ID, Numbers{id});
    d.set(CUDNN_ATTR_TENSOR_DATA_TYPE, type);
    if (alignment != 0) d.set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, Numbers{alignment});
    if (!dimensions.empty()) d.set(CUDNN_ATTR_TENSOR_DIMENSIONS, dimensions);
    if (!strides.empty()) d.set(CUDNN_ATTR_TENSOR_STRIDES, strides);
    return d;
  }
};

/// The same for a convolution.
struct CudnnConvolution {
  Numbers padding{1, 1}, stride{1, 1}, dilation{1, 1};
  std::int64_t dimensions = 2;

  CudnnDescriptor make() const {
    CudnnDescriptor d(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
    d.set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_DATA_FLOAT);
    d.set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_CROSS_CORRELATION);
    if (dimensions != 0) d.set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, Numbers{dimensions});
    d.set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, padding);
    d.set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, padding);
    if (!stride.empty()) d.set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, stride);
    if (!dilation.empty()) d.set(CUDNN_ATTR_CONVOLUTION_DILATIONS, dilation);
    return d;
  }
};

enum { x_id = 'x', w_id = 'w', y_id = 'y' };

/// The forward pass of 3 x 3 filters, [6, 3, 3, 3] on [2, 3, 4, 5] (n, c, h, w), unless changed.
struct CudnnForward {
  CudnnTensor x{x_id, {2, 3, 4, 5}}, w{w_id, {6, 3, 3, 3}}, y{y_id, {2, 6, 4, 5}};
  CudnnConvolution convolution{};

  /// Finalises the parts; not itself.
  CudnnDescriptor make() const {
    CudnnDescriptor d(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
    const auto set_part = [&d](Name name, const CudnnDescriptor& part) {
      part.finalize();
      d.set(name, part);
    };
    set_part(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, x.make());
    set_part(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, w.make());
    set_part(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, y.make());
    set_part(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, convolution.make());
    d.set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, 1.0f);
    d.set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, 0.0f);
    return d;
  }
};

}  // namespace test
