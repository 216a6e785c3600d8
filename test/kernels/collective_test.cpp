// SPDX-License-Identifier: MIT
// A rank that is alone has the result already; of several ranks test/programs/ranks_test.cpp tells.
#include "kernels/collective.h"

#include "kernels/ranks/ranks.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/run.h"
#include "test/support/error_of.h"
#include "test/support/support.h"

using test::Device;
using test::DeviceArray;

namespace {

/// Sets variables of the environment in a scope.
class With {
 public:
  explicit With(std::vector<std::pair<const char*, const char*>> variables)
      : variables_(std::move(variables)) {
    for (const auto& [name, value] : variables_) setenv(name, value, 1);
  }
  ~With() {
    for (const auto& [name, value] : variables_) unsetenv(name);
  }
  With(const With&) = delete;
  With& operator=(const With&) = delete;

 private:
  std::vector<std::pair<const char*, const char*>> variables_;
};

}  // namespace

TEST_CASE("collectives of a single rank change nothing") {
  const Device device = GENERATE(from_range(test::devices()));
  const std::vector<float> values = {1, -2, 3};
  const DeviceArray<float> x(device, values), all(device, 3);
  kernels::run(device,
               kernels::AllReduce{.data = x.data(), .type = kernels::DType::f32, .size = 3});
  kernels::run(device, kernels::Broadcast{.data = x.data(), .size = 12});
  kernels::run(device, kernels::AllGather{.mine = x.data(), .all = all.data(), .size = 12});
  CHECK(x.host() == values);
  CHECK(all.host() == values);
  CHECK_FALSE(kernels::any_rank(false));
  CHECK(kernels::any_rank(true));
  CHECK(kernels::said_by_ranks("this") == std::vector<std::string>{"this"});
}

TEST_CASE("the environment says which rank a process was started as") {
  CHECK(kernels::launched_ranks().count == 1);
  {
    const With open_mpi({{"OMPI_COMM_WORLD_RANK", "3"},
                         {"OMPI_COMM_WORLD_SIZE", "4"},
                         {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                         {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"}});
    const kernels::Ranks ranks = kernels::launched_ranks();
    CHECK(ranks.rank == 3);
    CHECK(ranks.count == 4);
    CHECK(ranks.local_rank == 1);
    CHECK(ranks.local_count == 2);
    CHECK(ranks.launcher == "mpirun");
  }
  {
    const With slurm({{"PMIX_RANK", "1"}, {"SLURM_NTASKS", "2"}, {"SLURM_LOCALID", "1"}});
    CHECK(kernels::launched_ranks().rank == 1);
    CHECK(kernels::launched_ranks().launcher == "srun");
  }
  {
    const With mpich({{"PMI_RANK", "0"}, {"PMI_SIZE", "8"}});
    CHECK(kernels::launched_ranks().count == 8);
  }
  {  // a job of one task, and a variable of something else
    const With alone({{"PMIX_RANK", "0"}, {"SLURM_NTASKS", "1"}, {"RANK", "first"}});
    CHECK(kernels::launched_ranks().count == 1);
  }
  for (const auto& [rank, count] : {std::pair("1.5", "2"),
                                    {"-1", "2"},
                                    {"2", "2"},
                                    {"", "2"},
                                    {"0", "two"},
                                    {"0", "0"},
                                    {"0", "1000000000"},
                                    {"1", "1"}}) {
    CAPTURE(rank, count);
    const With torchrun({{"RANK", rank}, {"WORLD_SIZE", count}});
    CHECK_THAT(test::error_of([] { kernels::launched_ranks(); }),
               Catch::Matchers::Contains("should be a whole number from "));
  }
  {
    const With torchrun(
        {{"RANK", "1"}, {"WORLD_SIZE", "2"}, {"LOCAL_RANK", "1"}, {"LOCAL_WORLD_SIZE", "2"}});
    CHECK(kernels::launched_ranks().local_rank == 1);
    CHECK(kernels::launched_ranks().launcher == "torchrun");
    CHECK_THAT(test::error_of([] { kernels::join_ranks(); }),
               Catch::Matchers::Contains("MASTER_ADDR is not set: it says where rank 0 is"));
  }
}
