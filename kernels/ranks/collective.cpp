// SPDX-License-Identifier: MIT
// Joining, and what ranks compute together in host memory.
#include "kernels/collective.h"

#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <optional>

#include "kernels/ranks/heartbeat.h"
#include "kernels/ranks/meeting.h"
#include "kernels/ranks/ranks.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/memory.h"

namespace kernels {
namespace {

std::unique_ptr<Meeting> meeting;  // null alone
std::optional<Heartbeat> heartbeat;

double longest_silence() {
  const char* text = std::getenv("SOFTLABEL_RANK_TIMEOUT");
  if (text == nullptr) return 45;
  char* end = nullptr;
  const double seconds = std::strtod(text, &end);
  require(*end == '\0' && seconds > 0, "SOFTLABEL_RANK_TIMEOUT is {}, should be seconds, above 0",
          text);
  return seconds;
}

}  // namespace

const Ranks& ranks() {
  static const Ranks alone;
  return meeting ? meeting->ranks() : alone;
}

void join_ranks(const WhileWaiting& while_waiting) {
  const Ranks launched = launched_ranks();
  if (launched.count == 1 || meeting) return;
  const double silence = longest_silence();
  // Machines may start one long after the other.
  meeting = launched.launcher == "torchrun" ? meet_by_tcp(launched, 10 * silence, while_waiting)
                                            : meet_by_mpi(launched);
  heartbeat.emplace(*meeting, std::chrono::duration<double>(silence));
}

void leave_ranks() {
  if (!meeting) return;
  heartbeat.reset();
  meeting.reset();
}

void abort_ranks(int status) {
  if (meeting) meeting->abort(status);
  _exit(status);
}

void run(Cpu, const AllReduce& op) {
  require(op.type == DType::f32 || op.type == DType::i32, "AllReduce of {}", name_of(op.type));
  if (meeting) meeting->run(op);
}

void run(Cpu, const BeginSum& op) { run(Cpu{}, static_cast<const AllReduce&>(op)); }
void run(Cpu, const FinishSums&) {}

void run(Cpu, const AllGather& op) {
  if (!meeting) return copy(Cpu{}, op.all, op.mine, op.size);
  meeting->run(op);
}

void run(Cpu, const Broadcast& op) {
  if (meeting) meeting->run(op);
}

}  // namespace kernels
