// SPDX-License-Identifier: MIT
#pragma once
#include "engine/step_state.h"
#include "engine/tensor.h"

/// What every op asks of its arguments before it trusts them.
namespace engine {

/// Throws Error, "add: a is missing", unless `t` is there and of `type`.
void expect(const char* op, const char* name, const Tensor& t, DType type);

/// The same for activations, whose type the op leaves open: f32 or bf16.
void expect_activations(const char* op, const char* name, const Tensor& t);

/// The same as the first, and unless `t` has `shape` and is on `device`.
void expect(const char* op, const char* name, const Tensor& t, DType type, const Shape& shape,
            Device device);

/// The rows of a tensor seen as [rows, last extent]; throws Error where there are more than the int
/// that kernels count them in can hold.
int rows_of(const char* op, const Shape&);

/// Throws Error unless `logits` is [rows, classes] of f32, at least one row and two classes.
void expect_logits(const char* op, const Tensor& logits);

/// Throws Error unless `label` has one class number per row of `logits`. The numbers themselves are
/// looked at on the CPU only: elsewhere it would mean to wait for the device.
void expect_labels(const char* op, const Tensor& label, const Tensor& logits);

/// Throws Error unless the step's scalars are on `device`, where the tensors are.
void expect_step(const char* op, const StepState&, Device device);

}  // namespace engine
