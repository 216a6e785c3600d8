# The CUDA side of the kernels: compiled by nvcc (SOFTLABEL_CUDA=ON), or as C++ for the CUDA-on-host
# runtime of the tests (HOST).
file(GLOB cuda_sources CONFIGURE_DEPENDS kernels/cuda/*.cu)
file(GLOB cuda_host_sources CONFIGURE_DEPENDS kernels/cuda/*.cpp)
target_sources(kernels PRIVATE ${cuda_host_sources})

if(SOFTLABEL_CUDA STREQUAL "HOST")
  add_subdirectory(test/cuda_on_host)
  cuda_on_host_sources(kernels ${cuda_sources})
else()
  find_package(CUDAToolkit 12.4 REQUIRED)
  set(CMAKE_CUDA_COMPILER ${CUDAToolkit_NVCC_EXECUTABLE} CACHE FILEPATH "nvcc")
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES 80-real 86-real 89-real 90 CACHE STRING
      "Compute capabilities to compile for; \"native\" is the GPU of this machine")
  endif()
  enable_language(CUDA)
  # Not CMAKE_CUDA_STANDARD: CMake 3.25 takes nvcc 13 for a compiler of C++17 at most.
  set_source_files_properties(${cuda_sources} PROPERTIES COMPILE_OPTIONS
    "-std=c++20;-Werror=all-warnings;-Xcompiler=-Wall,-Wextra")
  target_sources(kernels PRIVATE ${cuda_sources})
  target_link_libraries(kernels PUBLIC CUDA::cudart_static)
endif()
