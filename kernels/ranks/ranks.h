// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// Processes that train one run together, a rank each. Something else starts them, on one machine
/// or on several: mpirun, srun or torchrun.
namespace kernels {

struct Ranks {
  int rank = 0, count = 1;              // of all
  int local_rank = 0, local_count = 1;  // of those on this machine
  std::string launcher = {};            // what started them: "mpirun"; empty where there is one
};

/// What the environment says, which is all before join_ranks(). Throws Error if torchrun's
/// variables are not the numbers that they should be.
Ranks launched_ranks();

/// Those that have joined; until then, and where there is only one, that one.
const Ranks& ranks();

/// Called now and then while others are waited for, with what is waited for ("rank 1 has not come
/// to port 29500"). What it throws ends the waiting.
using WhileWaiting = std::function<void(const std::string& what)>;

/// Joins the ranks that were started together, or does nothing if this is the only one. Throws
/// Error if this build cannot.
///
/// From then on a rank that is silent for a minute (it was stopped, or its machine is cut off) ends
/// all: the others name it on standard error and leave with abort_ranks(1). SOFTLABEL_RANK_TIMEOUT
/// gives other seconds. It is heard as long as its process lives, however long it computes.
void join_ranks(const WhileWaiting& = {});

/// Ends the work together, before a process ends as it should. All ranks do it.
void leave_ranks();

/// Ends all ranks at once. For one that cannot go on.
[[noreturn]] void abort_ranks(int status);

/// Gradients are summed while others are computed once there are so many bytes of them, as a sum of
/// few takes as long as its messages do: 25 MB, or SOFTLABEL_BUCKET_MB. Throws Error if that is no
/// number.
std::size_t bucket_bytes();

/// Whether any of the ranks says yes. All ranks ask at the same time.
bool any_rank(bool mine);

/// What each rank says, in their order, the same on all. All ranks ask at the same time.
std::vector<std::string> said_by_ranks(std::string_view mine);

}  // namespace kernels
