// SPDX-License-Identifier: MIT
#include "kernels/ranks/ranks.h"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <optional>

#include "kernels/collective.h"
#include "kernels/runtime/error.h"

namespace kernels {
namespace {

/// A whole number from 0 on, if all of the text is one.
std::optional<int> number(const char* text) {
  int value = 0;
  const char* end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, value);
  if (error != std::errc() || stop != end || value < 0) return std::nullopt;
  return value;
}

/// The first number among variables of the environment.
std::optional<int> number_in(std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const char* text = std::getenv(name); text != nullptr)
      if (const auto found = number(text)) return found;
  return std::nullopt;
}

/// That of one of torchrun's variables, from `least` to `most`.
int number_of(const char* name, const char* text, int least, int most) {
  const auto found = number(text);
  require(found && *found >= least && *found <= most,
          "{} is \"{}\", should be a whole number from {} to {}", name, text, least, most);
  return *found;
}

/// Those of torchrun and its kind, which set RANK and WORLD_SIZE together; one of these alone is
/// something else's.
Ranks ranks_of_torchrun() {
  const char *rank = std::getenv("RANK"), *count = std::getenv("WORLD_SIZE");
  if (rank == nullptr || count == nullptr) return {};
  const int ranks = number_of("WORLD_SIZE", count, 1, 65535);
  const auto local = [](const char* name, int least, int most, int otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : number_of(name, text, least, most);
  };
  const Ranks found{number_of("RANK", rank, 0, ranks - 1), ranks,
                    local("LOCAL_RANK", 0, ranks - 1, 0), local("LOCAL_WORLD_SIZE", 1, ranks, 1),
                    "torchrun"};
  return ranks > 1 ? found : Ranks{};
}

}  // namespace

Ranks launched_ranks() {
  const auto ranks = [](const char* launcher, std::optional<int> rank, std::optional<int> count,
                        std::optional<int> local_rank, std::optional<int> local_count) -> Ranks {
    if (!rank || !count || *count < 2 || *rank >= *count) return {};
    return {*rank, *count, local_rank.value_or(0), local_count.value_or(1), launcher};
  };
  for (const Ranks& found :
       {ranks("mpirun", number_in({"OMPI_COMM_WORLD_RANK", "MV2_COMM_WORLD_RANK"}),
              number_in({"OMPI_COMM_WORLD_SIZE", "MV2_COMM_WORLD_SIZE"}),
              number_in({"OMPI_COMM_WORLD_LOCAL_RANK", "MV2_COMM_WORLD_LOCAL_RANK"}),
              number_in({"OMPI_COMM_WORLD_LOCAL_SIZE", "MV2_COMM_WORLD_LOCAL_SIZE"})),
        ranks("mpirun", number_in({"PMI_RANK"}), number_in({"PMI_SIZE"}),
              number_in({"MPI_LOCALRANKID", "SLURM_LOCALID"}), number_in({"MPI_LOCALNRANKS"})),
        ranks("srun", number_in({"PMIX_RANK"}), number_in({"SLURM_NTASKS"}),
              number_in({"SLURM_LOCALID"}), std::nullopt)}) {
    if (found.count > 1) return found;
  }
  return ranks_of_torchrun();
}

std::size_t bucket_bytes() {
  const char* text = std::getenv("SOFTLABEL_BUCKET_MB");
  if (text == nullptr) return 25'000'000;
  char* end = nullptr;
  const double megabytes = std::strtod(text, &end);
  require(end != text && *end == '\0' && megabytes >= 0 && megabytes < 1e6,
          "SOFTLABEL_BUCKET_MB is {}, should be megabytes", text);
  return std::size_t(1e6 * megabytes);
}

bool any_rank(bool mine) {
  std::int32_t saying_yes = mine ? 1 : 0;
  run(Cpu{}, AllReduce{.data = &saying_yes, .type = DType::i32, .size = 1});
  return saying_yes > 0;
}

std::vector<std::string> said_by_ranks(std::string_view mine) {
  const auto count = std::size_t(ranks().count);
  if (count == 1) return {std::string(mine)};
  const std::uint64_t size = mine.size();
  std::vector<std::uint64_t> sizes(count);
  run(Cpu{}, AllGather{.mine = &size, .all = sizes.data(), .size = sizeof size});
  std::size_t most = 0;
  for (const std::uint64_t s : sizes) most = s > most ? s : most;
  std::string padded(mine), all(count * most, '\0');
  padded.resize(most);
  run(Cpu{}, AllGather{.mine = padded.data(), .all = all.data(), .size = most});
  std::vector<std::string> said;
  for (std::size_t r = 0; r < count; ++r) said.push_back(all.substr(r * most, sizes[r]));
  return said;
}

}  // namespace kernels
