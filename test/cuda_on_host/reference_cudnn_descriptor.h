// SPDX-License-Identifier: MIT
#pragma once
#include <cudnn.h>

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "test/cuda_on_host/library.h"
#include "test/cuda_on_host/reference_convolution.h"

/// What a cudnnBackendDescriptor_t of the stand-in for cuDNN points at.
namespace cuda_on_host::cudnn {

using Name = cudnnBackendAttributeName_t;

/// The status, with words that cudnnGetLastErrorString() will say.
cudnnStatus_t refuse(cudnnStatus_t, const std::string& why);
std::string last_refusal();

/// One way to compute a convolution. Those that a program should pass over do what their notes
/// say, and so spoil its results.
struct Engine {
  int index;
  cudnnBackendHeurMode_t listed;
  std::vector<cudnnBackendNumericalNote_t> notes;
  int mantissa = float_mantissa;      // of factors
  int sum_mantissa = float_mantissa;  // of what they add up to
  bool needs_workspace = true;
  bool varies = false;   // from one run to the next
  bool refuses = false;  // when a plan is made
};

/// A descriptor: values of any type, by the attribute's name.
class Object {
 public:
  explicit Object(cudnnBackendDescriptorType_t which) : type(which) {}

  const cudnnBackendDescriptorType_t type;
  bool finalized = false;
  const Engine* engine = nullptr;       // of engines and their configurations
  std::shared_ptr<const Object> graph;  // of what comes from a graph

  /// Sets an attribute, if cuDNN knows it of this type of descriptor and the value fits.
  cudnnStatus_t set(Name, cudnnBackendAttributeType_t, std::int64_t count, const void* values);

  /// CUDNN_STATUS_BAD_PARAM if an attribute has not been set that must be.
  cudnnStatus_t check_complete() const;

  bool has(Name name) const { return values_.contains(name); }
  std::size_t count(Name name) const { return has(name) ? values_.at(name).count : 0; }

  template <class T>
  std::vector<T> all(Name name) const {
    const Value& value = values_.at(name);
    std::vector<T> list(value.bytes.size() / sizeof(T));
    std::memcpy(list.data(), value.bytes.data(), value.bytes.size());
    return list;
  }
  template <class T>
  T one(Name name) const {
    return all<T>(name).at(0);
  }
  const std::shared_ptr<const Object>& part(Name name) const {
    return values_.at(name).parts.at(0);
  }

 private:
  struct Value {
    std::size_t count;
    std::vector<char> bytes;
    std::vector<std::shared_ptr<const Object>> parts;  // of descriptors
  };
  std::map<Name, Value> values_;
};

/// The object of a handle that a program holds; null if it is none, or was destroyed.
std::shared_ptr<Object>* find(cudnnBackendDescriptor_t);
cudnnBackendDescriptor_t add(cudnnBackendDescriptorType_t);
void remove(cudnnBackendDescriptor_t);

/// The three convolutions, and what cuDNN calls their parts.
struct Operation {
  cudnnBackendDescriptorType_t type;
  Name images, filter, results, convolution, alpha, beta;
};
const Operation* find_operation(cudnnBackendDescriptorType_t);

/// What cudnnBackendFinalize() looks at.
cudnnStatus_t check(Object&);

cudnnDataType_t type_of(const Object& tensor);

/// Of a convolution that has been checked.
Convolution sizes_of(const Object& operation);

}  // namespace cuda_on_host::cudnn
