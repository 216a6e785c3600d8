// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <cxxabi.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <map>
#include <memory>

#include "test/cuda_on_host/report.h"

// Names for addresses, from the program's own symbol table.
extern "C" const char __data_start, _end;  // of the linker

namespace cuda_on_host {
namespace {

struct Symbol {
  std::uintptr_t begin, end;
  std::string name;
};

using Symbols = std::map<std::uintptr_t, Symbol>;  // by address

// The names are offsets into the file until this is added.
std::uintptr_t load_address() {
  std::uintptr_t address = 0;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* out) {
        *static_cast<std::uintptr_t*>(out) = info->dlpi_addr;
        return 1;  // the program itself comes first
      },
      &address);
  return address;
}

struct Program {
  Symbols functions, block_variables;

  Program() {
    // Mapped, not read: with the debug information of a sanitizer's build it has 300 MB.
    const int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct stat about {};
    if (file < 0 || fstat(file, &about) != 0) return;
    const std::size_t size = std::size_t(about.st_size);
    void* const mapped = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
    if (mapped == MAP_FAILED) return;
    const char* const bytes = static_cast<const char*>(mapped);
    const auto* header = reinterpret_cast<const Elf64_Ehdr*>(bytes);
    const auto* sections = reinterpret_cast<const Elf64_Shdr*>(bytes + header->e_shoff);
    for (int i = 0; i < header->e_shnum; ++i) {
      if (sections[i].sh_type != SHT_SYMTAB) continue;
      const auto* symbols = reinterpret_cast<const Elf64_Sym*>(bytes + sections[i].sh_offset);
      const char* names = bytes + sections[sections[i].sh_link].sh_offset;
      add(symbols, sections[i].sh_size / sizeof(Elf64_Sym), names);
    }
    munmap(mapped, size);
  }

 private:
  void add(const Elf64_Sym* symbols, std::size_t count, const char* names) {
    const std::uintptr_t base = load_address();
    for (std::size_t i = 0; i < count; ++i) {
      const Elf64_Sym& symbol = symbols[i];
      if (symbol.st_shndx == SHN_UNDEF) continue;
      const std::uintptr_t begin = base + symbol.st_value;
      const Symbol made{begin, begin + symbol.st_size, names + symbol.st_name};
      const auto type = ELF64_ST_TYPE(symbol.st_info);
      if (type == STT_FUNC) functions.emplace(begin, made);
      // A mangled name that starts so is that of something inside a function.
      if (type == STT_OBJECT && made.name.starts_with("_ZZ")) block_variables.emplace(begin, made);
    }
  }
};

const Program& program() {
  static const Program read;
  return read;
}

const Symbol* find(const Symbols& symbols, const void* address) {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  auto next = symbols.upper_bound(at);
  if (next == symbols.begin()) return nullptr;
  const Symbol& symbol = std::prev(next)->second;
  return at < symbol.end ? &symbol : nullptr;
}

void erase_all(std::string& text, const std::string& part) {
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part))
    text.erase(at, part.size());
}

// What addr2line, which comes with every compiler, says of an address: "warp.cuh:20, called from
// loss.cu:33", or nothing.
std::string source_lines(const void* address) {
  char command[128];
  std::snprintf(command, sizeof command, "addr2line -i -s -e /proc/%d/exe 0x%zx 2>/dev/null",
                int(getpid()),
                std::size_t(reinterpret_cast<std::uintptr_t>(address) - load_address()));
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command, "r"), pclose);
  std::string all;
  char buffer[256];
  while (pipe && std::fgets(buffer, sizeof buffer, pipe.get()) != nullptr) {
    std::string line = buffer;
    line = line.substr(0, line.find_first_of(" \n"));  // "(discriminator 3)" may follow
    // Every kernel is called from the function that starts its threads; that tells nothing.
    if (line.starts_with("?") || line.starts_with("launch.h") || line.starts_with("invoke.h"))
      break;
    all += (all.empty() ? "" : ", called from ") + line;
  }
  return all;
}

}  // namespace

const std::string& function_name(const void* function) {
  static const std::string unknown;
  const Symbol* symbol = find(program().functions, function);
  return symbol != nullptr ? symbol->name : unknown;
}

std::string kernel_name(const void* kernel) {
  const std::string& mangled = function_name(kernel);
  const std::unique_ptr<char, decltype(&std::free)> demangled(
      abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, nullptr), &std::free);
  std::string name = demangled ? demangled.get() : mangled;
  erase_all(name, "(anonymous namespace)::");
  // Without parameters. Arguments of a template may hold parentheses too.
  const bool is_template = name.find('<') < name.find('(');
  name.resize(is_template ? name.rfind(">(") + 1 : std::min(name.find('('), name.size()));
  const auto qualified = name.rfind("::", name.find('<'));
  if (qualified != std::string::npos) name.erase(0, qualified + 2);
  const auto type = name.rfind(' ', name.find('<'));
  if (type != std::string::npos) name.erase(0, type + 1);
  return name.empty() ? "a kernel without a name" : name;
}

std::string describe_code(const void* address) {
  const void* call = static_cast<const char*>(address) - 1;  // it is a return address
  const std::string lines = source_lines(call);
  return lines.empty() ? fmt::format("in {}", kernel_name(call)) : fmt::format("at {}", lines);
}

bool in_block_variable(const void* address, std::size_t bytes) {
  const Symbols& variables = program().block_variables;
  if (variables.empty()) return program_variables().holds(address);
  const Symbol* symbol = find(variables, address);
  return symbol != nullptr && reinterpret_cast<std::uintptr_t>(address) + bytes <= symbol->end;
}

Range program_variables() { return {&__data_start, &_end}; }

}  // namespace cuda_on_host
