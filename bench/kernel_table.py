#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints what ptxas makes of each kernel as a Markdown table; fails if one spills or has a stack.

    bench/kernel_table.py            # prints the table
    bench/kernel_table.py --update   # puts it into docs/kernels.md
    bench/kernel_table.py --check    # fails if docs/kernels.md has another one; with another version
                                     # of nvcc than its table's only names, threads and bytes count

Registers, static shared memory, stack and spills are what `nvcc -Xptxas -v` says, registers for each
architecture and the others the largest of all. Beside registers stands the occupancy: how much of a
multiprocessor's threads blocks of the kernel can be, as far as threads, registers and static shared
memory limit them. Threads and bytes are what the comment above a kernel says in its lines "launch"
and "moves". Needs nvcc and c++filt, no GPU; architectures that this nvcc does not know are left out.
"""
import argparse
import concurrent.futures
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "kernels.md"
BEGIN, END = "<!-- table of bench/kernel_table.py -->\n", "<!-- end of table -->\n"

KERNEL = re.compile(r"(?:template <([^>]*)>\s*)?__global__ void\s+(?:__launch_bounds__\(\w+\)\s+)?(\w+)\(")
NOTE = re.compile(r"//   (moves|launch) +(.*(?:\n//    +.*)*)")
ENUM = re.compile(r"enum class (\w+)[^{;]*{([^}]*)}")

# Of a multiprocessor: threads, blocks, KiB of shared memory (CUDA C++ Programming Guide, compute
# capabilities). All have 65,536 registers, dealt to warps by 256, and take 1 KiB for themselves of
# the shared memory of each block, which is dealt by 128 bytes.
LIMITS = {"80": (2048, 32, 164), "86": (1536, 16, 100), "90": (2048, 32, 228), "100": (2048, 32, 228)}

# c++filt says: void kernels::(anonymous namespace)::NAME<ARGUMENTS>(PARAMETERS)
COMPILED = re.compile(r"Compiling entry function '(?:void )?kernels::\(anonymous namespace\)::"
                      r"(?P<name>\w+)(?:<(?P<arguments>.*)>)?\(.*\)' for")
PROPERTIES = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")
USED = re.compile(r"Used (\d+) registers")
SHARED = re.compile(r"(\d+) bytes smem")


def fail(message):
    sys.exit(f"kernel_table: {message}")


class Source:
    """A .cu file: its kernels, with their template parameters and notes, and its enums."""

    def __init__(self, path):
        text = path.read_text()
        self.path = path
        self.has_foreign_kernels = "#include <thrust/" in text  # not ours to judge
        self.enums = {name: [value.strip() for value in values.split(",")]
                      for name, values in ENUM.findall(text)}
        self.parameters, self.notes = {}, {}
        for kernel in KERNEL.finditer(text):
            name = kernel[2]
            self.parameters[name] = [p.split()[-1] for p in (kernel[1] or "").split(",") if p]
            self.notes[name] = {note: re.sub(r"\s*\n//\s*", " ", value)
                                for note, value in NOTE.findall(text[:kernel.start()])}

    def argument(self, value):
        """teacher for (Source)1, RandomNormal for kernels::RandomNormal."""
        enumerator = re.match(r"\((?:.*::)?(\w+)\)(\d+)$", value)
        return self.enums[enumerator[1]][int(enumerator[2])] if enumerator else value.split("::")[-1]

    def variant(self, name, arguments):
        """"source teacher, with_ema, width 4" for <(Source)1, true, 4>; empty if it is no template."""
        values = map(self.argument, (arguments or "").split(", "))
        return ", ".join(p if v == "true" else f"{p} {v}"
                         for p, v in zip(self.parameters[name], values) if v != "false")

    def note(self, name, kind, pattern):
        match = re.search(pattern, self.notes[name].get(kind, ""))
        if not match:
            fail(f"{self.path.name}: the comment above {name} should have lines \"moves   ... bytes\" and "
                 f"\"launch  ... blocks of N threads\"")
        return match[1]

    def threads(self, name):
        return self.note(name, "launch", r"(?:blocks? of |^)(\d+(?= threads?)|never)")

    def bytes_moved(self, name):
        return self.note(name, "moves", r"(.+)").replace("*", "·")

    def compile(self, architecture, nvcc):
        """{(kernel, variant): {registers, shared, stack, spills}} as ptxas says."""
        command = [nvcc, "-std=c++20", "-O3", f"-arch=sm_{architecture}", "-Xptxas", "-v", "-cubin",
                   "-DSOFTLABEL_HAS_CUDA=1", "-I", ROOT, "-o", "/dev/null", self.path]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            fail(f"nvcc failed on {self.path.name}:\n{done.stderr}")
        demangled = subprocess.run(["c++filt"], input=done.stderr, stdout=subprocess.PIPE, text=True)
        found, current = {}, {}
        for line in demangled.stdout.splitlines():
            if match := COMPILED.search(line):
                name = match["name"]
                current = found[name, self.variant(name, match["arguments"])] = {"shared": 0}
            elif match := PROPERTIES.search(line):
                current["stack"], current["spills"] = int(match[1]), int(match[2]) + int(match[3])
            elif match := USED.search(line):
                current["registers"] = int(match[1])
                if shared := SHARED.search(line):
                    current["shared"] = int(shared[1])
        missing = self.parameters.keys() - {kernel for kernel, _ in found}
        if missing:
            fail(f"{self.path.name}: nvcc makes nothing of {', '.join(sorted(missing))}")
        return found


def occupancy(architecture, threads, registers, shared):
    most_threads, most_blocks, memory = LIMITS[architecture]
    warps = -(-threads // 32)
    of_warp = -(-32 * registers // 256) * 256
    of_block = -(-(shared + 1024) // 128) * 128
    blocks = min(most_blocks, most_threads // (32 * warps), 65536 // of_warp // warps,
                 1024 * memory // of_block)
    return 32 * warps * blocks / most_threads


def in_order(key):
    """Numbers by value."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", " ".join(key))]


def table(sources, architectures, compiled):
    """The lines of the table, and the kernels that use local memory."""
    heads = " | ".join(f"sm_{a}" for a in architectures)
    lines = [f"| kernel | of template | {heads} | shared | stack | spills | threads | least bytes |",
             f"|---|---|{'--:|' * len(architectures)}--:|--:|--:|--:|---|"]
    bad = []
    for source in sources:
        found = [compiled[source.path, a] for a in architectures]
        former = None
        for kernel, variant in sorted(found[0], key=in_order):
            of_each = [f[kernel, variant] for f in found]
            threads = source.threads(kernel)
            registers = " | ".join(
                f"{k['registers']}" + (f", {occupancy(a, int(threads), k['registers'], k['shared']):.0%}"
                                       if threads.isdigit() else "")
                for a, k in zip(architectures, of_each))
            shared, stack, spills = (max(k[of] for k in of_each) for of in ("shared", "stack", "spills"))
            name, bytes_moved = (f"`{kernel}`", source.bytes_moved(kernel)) if kernel != former else ("", "")
            lines.append(f"| {name} | {variant} | {registers} | {shared} | {stack} | {spills} | "
                         f"{threads} | {bytes_moved} |")
            if stack or spills:
                bad.append(f"{kernel} ({variant})" if variant else kernel)
            former = kernel
    return lines, bad


def version_of(nvcc):
    said = subprocess.run([nvcc, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return re.search(r"release (\d+\.\d+)", said)[1]


def without_measurements(text):
    """Kernels, variants, threads and bytes: what any version of nvcc must agree with."""
    rows = [line.split("|") for line in text.splitlines() if line.startswith("|")]
    return [row[1:3] + row[-3:-1] for row in rows]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nvcc", default="nvcc", help="default: %(default)s")
    parser.add_argument("--architectures", default=",".join(LIMITS), help="default: %(default)s")
    parser.add_argument("--jobs", type=int, default=2, help="compilers at once (default: %(default)s)")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--check", action="store_true", help="compare with docs/kernels.md")
    action.add_argument("--update", action="store_true", help="rewrite docs/kernels.md")
    args = parser.parse_args()

    known = subprocess.run([args.nvcc, "--list-gpu-arch"], stdout=subprocess.PIPE, text=True, check=True).stdout
    architectures = [a for a in args.architectures.split(",") if f"compute_{a}" in known.split()]
    sources = [Source(path) for path in sorted((ROOT / "kernels" / "cuda").glob("*.cu"))]
    sources = [s for s in sources if not s.has_foreign_kernels]
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        jobs = {(s.path, a): pool.submit(s.compile, a, args.nvcc) for s in sources for a in architectures}
        compiled = {key: job.result() for key, job in jobs.items()}
    lines, bad = table(sources, architectures, compiled)
    by = f"By nvcc {version_of(args.nvcc)}."
    text = "\n".join([*lines, "", by]) + "\n"
    if bad:
        fail(f"local memory is used, as stack or for spills, by {', '.join(bad)}")
    if not args.check and not args.update:
        print(text, end="")
        return
    before, begin, rest = DOCUMENT.read_text().partition(BEGIN)
    former, end, after = rest.partition(END)
    if not begin or not end:
        fail(f"{DOCUMENT} lacks the lines {BEGIN.strip()} and {END.strip()}")
    if args.update:
        DOCUMENT.write_text(before + BEGIN + text + END + after)
    elif by not in former and without_measurements(former) == without_measurements(text):
        print(f"docs/kernels.md is by another version; registers and memory were not compared ({by})")
    elif former != text:
        fail("docs/kernels.md is not what nvcc says; run bench/kernel_table.py --update")


if __name__ == "__main__":
    main()
