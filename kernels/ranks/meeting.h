// SPDX-License-Identifier: MIT
#pragma once
#include <memory>

#include "kernels/collective.h"
#include "kernels/ranks/ranks.h"

namespace kernels {

/// How processes that were started together reach each other in host memory. All ranks call the
/// same functions in the same order, but for the last three, and end it together.
class Meeting {
 public:
  virtual ~Meeting() = default;

  virtual const Ranks& ranks() const = 0;
  virtual void run(const AllReduce&) = 0;
  virtual void run(const AllGather&) = 0;
  virtual void run(const Broadcast&) = 0;

  /// Ends the others too, before this process ends with the status.
  virtual void abort(int status) noexcept = 0;
  /// Sends a sign of life to a rank, unless it has not taken the last one yet; whether one has come
  /// from it since this was asked. For a thread beside those that call the others; between rank 0
  /// and each of the others.
  virtual void beat(int rank) = 0;
  virtual bool heard(int rank) = 0;
};

/// By MPI, which knows all that the environment does. Throws Error if this build has none.
std::unique_ptr<Meeting> meet_by_mpi(const Ranks& launched);

/// By TCP: rank 0 listens at MASTER_ADDR:MASTER_PORT of the environment, the others come there, and
/// all that they do together goes through it. `patience` is for those who come late, in seconds.
/// Throws Error that names what is missing or does not fit.
std::unique_ptr<Meeting> meet_by_tcp(const Ranks& launched, double patience, const WhileWaiting&);

}  // namespace kernels
