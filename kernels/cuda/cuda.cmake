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
  if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)  # CMake 3.25 does not know that nvcc 13 can
    set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
    set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
  endif()
  set_source_files_properties(${cuda_sources} PROPERTIES COMPILE_OPTIONS
    "-Werror=all-warnings;-Xcompiler=-Wall,-Wextra")
  target_sources(kernels PRIVATE ${cuda_sources})
  find_library(CUDNN_LIBRARY cudnn HINTS ${CUDAToolkit_LIBRARY_DIR} REQUIRED)
  find_path(CUDNN_INCLUDE_DIR cudnn.h HINTS ${CUDAToolkit_INCLUDE_DIRS} REQUIRED)
  target_include_directories(kernels SYSTEM PRIVATE ${CUDNN_INCLUDE_DIR})
  target_link_libraries(kernels PUBLIC CUDA::cudart_static PRIVATE CUDA::cublas ${CUDNN_LIBRARY})
endif()
