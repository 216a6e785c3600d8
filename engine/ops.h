// SPDX-License-Identifier: MIT
#pragma once
#include "engine/step_state.h"
#include "engine/tensor.h"
#include "kernels/beta_labels.h"
#include "kernels/soft_target_loss.h"

/// Every op, one entry each; engine/ops/NAME.cpp holds its checks, forward pass and backward
/// closure side by side, kernels/NAME.h the formula. All tensors of a call are on one device; a
/// call that does not fit throws Error with the op's name and the shapes. The activations of
/// conv2d, batch_norm, the poolings, concat_channels and add are of f32 or of bf16, all of one
/// type; what else is not bytes or counts is of f32.
namespace engine {

struct Conv2d {
  int stride = 1, pad = 0;
};
/// [n,h,w,c] * [k,r,s,c]. The gradient of the filter is f32.
Tensor conv2d(const Tensor& x, const Tensor& filter, Conv2d = {});

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias);  // [n,c] * [k,c]^T + [k]

struct BatchNorm {
  bool training =
      true;  // statistics of the batch, which move the running ones; else the running ones
  bool synchronised = false;  // of the batch of all ranks, which all do this op
  bool relu = false;
  float eps = 1e-5f, momentum = 0.1f;
};
/// Over the last axis of x; `residual`, if given, is added before the ReLU. The running statistics
/// are updated in place. Gradients flow only with `training`.
Tensor batch_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta,
                  const Tensor& running_mean, const Tensor& running_var, BatchNorm = {},
                  const Tensor& residual = {});

struct Pool2d {
  int window = 2, stride = 2, pad = 0;
};
Tensor avg_pool(const Tensor& x, Pool2d = {});  // no padding
Tensor max_pool(const Tensor& x, Pool2d = {});
Tensor global_avg_pool(const Tensor& x);  // [n,h,w,c] -> [n,c] of f32

/// [n,h,w,c] and [n,h,w,d] -> [n,h,w,c+d]. Where `a` has room for b, as what reserve_channels gives
/// and what has been made of it so, b is written behind it and `a` is not copied.
Tensor concat_channels(const Tensor& a, const Tensor& b);

/// A copy of x [n,h,w,c] with room for so many channels in all. Until it is used up, batch_norm and
/// concat_channels alone take it.
Tensor reserve_channels(const Tensor& x, int channels);

/// What the loss is made of; the fields are those of kernels::SoftTargetLoss.
struct SoftTargets {
  kernels::SoftTarget soft = kernels::SoftTarget::one_hot;
  float alpha = 0;
  float smoothing = 0;
  float teacher_temperature = 1;
  float student_temperature = 1;
  bool scale_by_temperature = false;
  bool omega = false;
  float log_mean_omega = 0;
  float gamma = 1;
  float entropy_weight = 0;
  float log_epsilon = 0;
  Tensor teacher_logits{};          // [n,k]  for teacher
  Tensor true_class_probability{};  // [n]    for beta
  Tensor probabilities{};           // [n,k]  for probabilities
  Tensor other_label{};             // [n] i32, of mixtures
  Tensor share{};                   // [n]    of the label in them
};
/// The mean loss over the rows, one element. `label` is i32.
Tensor soft_target_loss(const Tensor& logits, const Tensor& label, const SoftTargets& = {});

/// Likewise, of kernels::ZipfLoss.
Tensor zipf_loss(const Tensor& logits, const Tensor& label, float weight);

Tensor add(const Tensor& a, const Tensor& b);         // same shape, no broadcast
Tensor scale(const Tensor& x, const Tensor& factor);  // factor: one element, no gradient
Tensor mean(const Tensor& x);                         // one element

// Without gradients.

/// y [n]: -log of the softmax of logits / temperature at the labels.
void negative_log_likelihood(const Tensor& logits, const Tensor& label, float temperature,
                             const Tensor& y);

/// The true-class probability of each soft label of a batch, [n]. `logits` are the EMA model's.
Tensor beta_labels(const Tensor& logits, const Tensor& label, const StepState&, float a,
                   kernels::BetaRanking, std::uint64_t seed);

/// Copies of the weights and, if it is given, their EMA in bf16, [size]; or none.
struct WeightCopies {
  Tensor weight{}, ema{};
};
/// What gradients are multiplied by so that their norm is at most `max_norm`, one element; it stays
/// on the device. See kernels::ClipFactor.
Tensor clip_factor(const Tensor& grad, float max_norm);

struct SgdOptions {
  float momentum = 0.9f, weight_decay = 1e-4f;
  bool nesterov = false;
};
/// Updates weight, velocity and, if given, ema in place, and writes the copies; all [size].
/// Gradients are multiplied by `clip_factor` if there is one. See kernels::Sgd.
void sgd(const Tensor& weight, const Tensor& grad, const Tensor& velocity, const Tensor& ema,
         SgdOptions, const StepState&, const WeightCopies& = {}, const Tensor& clip_factor = {});

struct AdamWOptions {
  double beta1 = 0.9, beta2 = 0.999;
  float epsilon = 1e-8f, weight_decay = 0.01f;
};
/// The same with two moments; the step's number counts. See kernels::AdamW.
void adamw(const Tensor& weight, const Tensor& grad, const Tensor& first, const Tensor& second,
           const Tensor& ema, AdamWOptions, const StepState&, const WeightCopies& = {},
           const Tensor& clip_factor = {});

/// A loss, one element, and where it is noted: losses[batch of the step] = loss.
struct StepLoss {
  Tensor loss{}, losses{};
  const StepState* step = nullptr;
};
/// Adds the number of rows whose largest logit is the label's to `correct`, one i32 element, and
/// notes the loss of the step if one is given.
void count_correct(const Tensor& logits, const Tensor& label, const Tensor& correct,
                   const StepLoss& = {});

/// How views are mixed with those of other images; the fields are those of kernels::Mixing.
struct Mixing {
  double mixup = 0, cutmix = 0;
  std::uint64_t seed = 0;
  Tensor partners{};  // [m] i32: places in the data set
};
struct Augment {
  int pad = 0;
  bool flip = false;
  std::array<float, 4> mean{}, std{1, 1, 1, 1};
  std::uint64_t seed = 0;
  DType type = DType::f32;  // of the views
  Mixing mixing{};
  bool gathered = false;
};
struct Batch {
  Tensor images;          // [n,h,w,c]
  Tensor labels;          // [n] i32
  Tensor other_labels{};  // [n] i32  of views that are mixed
  Tensor share{};         // [n]      of `labels` in them
};
/// Gathers, crops, flips and normalises. images [count,h,w,c] u8, labels [count] i32, index [n]
/// i32. Where images are `gathered`, they are those of the index in its order, [n,h,w,c], and with
/// mixing their partners behind them, [2n,h,w,c].
Batch augment(const Tensor& images, const Tensor& labels, const Tensor& index, const Augment&,
              const StepState&);

struct ResizedCrop {
  int size = 0;         // side of the views
  int centre = 0;       // side of the centre square that they show, unless they are
  bool random = false;  // random boxes: areas of 0.08 to 1 of the image's, ratios of 3/4 to 4/3
  bool flip = false;
  std::array<float, 4> mean{}, std{1, 1, 1, 1};
  std::uint64_t seed = 0;
  DType type = DType::f32;  // of the views
  Mixing mixing{};
  bool gathered = false;
};
/// Gathers, crops, resizes to size x size, flips and normalises; arguments as those of augment.
Batch resized_crop(const Tensor& images, const Tensor& labels, const Tensor& index,
                   const ResizedCrop&, const StepState&);

// Of ranks, which all call these together (kernels/collective.h).

void all_reduce(const Tensor& x);  // x = the sum of all ranks' x; f32 or i32
/// The same while a GPU does other work; until finish_sums() nobody may read or write x.
void begin_sum(const Tensor& x);
void finish_sums(Device);
Tensor all_gather(const Tensor& x);  // [ranks, size of x]
void broadcast(const Tensor& x);     // x = rank 0's x
/// All `rows` of a batch of which this rank has those from `first` on: [n,...] -> [rows,...].
Tensor with_other_ranks(const Tensor& x, int first, int rows);

void random_uniform(const Tensor& y, float low, float high, std::uint64_t seed,
                    std::uint32_t stream);
void random_normal(const Tensor& y, float mean, float std, std::uint64_t seed,
                   std::uint32_t stream);
void fill(const Tensor& y, float value);
void convert(const Tensor& x, const Tensor& y);  // y = x in the type of y, f32 or bf16

}  // namespace engine
