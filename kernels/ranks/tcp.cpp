// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "kernels/ranks/meeting.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/system_error.h"

namespace kernels {
namespace {

using Clock = std::chrono::steady_clock;

/// A connected socket, or one that listens.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int descriptor) : descriptor_(descriptor) {
    const int yes = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  }
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  explicit operator bool() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

  /// False, with the reason in errno (0: the other end has closed it), unless all of it went.
  bool send(const void* data, std::size_t size) const {
    for (const char* at = static_cast<const char*>(data); size > 0;) {
      const ssize_t sent = ::send(descriptor_, at, size, MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) return false;
      at += sent, size -= std::size_t(sent);
    }
    return true;
  }
  bool receive(void* data, std::size_t size) const {
    for (char* at = static_cast<char*>(data); size > 0;) {
      const ssize_t got = recv(descriptor_, at, size, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got == 0) errno = 0;
      if (got <= 0) return false;
      at += got, size -= std::size_t(got);
    }
    return true;
  }

 private:
  int descriptor_ = -1;
};

enum class Use : std::int32_t { work, beats };  // of a connection; a rank makes one of each

/// The first words of who connects.
struct Hello {
  std::array<char, 8> magic = {'S', 'L', 'r', 'a', 'n', 'k', 's', '2'};
  std::int32_t rank = 0, count = 0;
  Use use = Use::work;
};

const char* variable(const char* name) {
  const char* text = std::getenv(name);
  require(text != nullptr && *text != '\0',
          "started as a rank by RANK and WORLD_SIZE, but {} is not set: it says where rank 0 is",
          name);
  return text;
}

/// That of rank 0, by the environment.
struct Place {
  std::string host = variable("MASTER_ADDR"), port = variable("MASTER_PORT");

  Place() {
    char* end = nullptr;
    long number = std::strtol(port.c_str(), &end, 10);
    require(*end == '\0' && number >= 1 && number <= 65534,
            "MASTER_PORT is {}, should be a port, 1 to 65534", port);
    // At this port torchrun itself listens, if it says so.
    const char* store = std::getenv("TORCHELASTIC_USE_AGENT_STORE");
    if (store != nullptr && std::string(store) == "True") port = std::to_string(number + 1);
  }
};

/// Listens at a port of all of this machine's addresses.
Socket listen_at(const Place& place) {
  const auto number = htons(std::uint16_t(std::stoi(place.port)));
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6, six.sin6_port = number, six.sin6_addr = in6addr_any;
  sockaddr_in four{};
  four.sin_family = AF_INET, four.sin_port = number;
  const int yes = 1, no = 0;
  Socket socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const bool both =
      socket && setsockopt(socket.descriptor(), IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no) == 0;
  if (!both) socket = Socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  require_system(bool(socket), "it cannot listen at port {}", place.port);
  setsockopt(socket.descriptor(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const auto* address =
      both ? reinterpret_cast<const sockaddr*>(&six) : reinterpret_cast<const sockaddr*>(&four);
  const bool bound = bind(socket.descriptor(), address, both ? sizeof six : sizeof four) == 0 &&
                     listen(socket.descriptor(), 128) == 0;
  require(bound || errno != EADDRINUSE,
          "it cannot listen at port {}: it is in use; choose another MASTER_PORT", place.port);
  require_system(bound, "it cannot listen at port {}", place.port);
  return socket;
}

/// How long a rank waits for others, from its beginning on, and who hears of it.
class Wait {
 public:
  Wait(double seconds, const WhileWaiting& tell) : seconds_(seconds), tell_(tell) {}

  double seconds() const { return seconds_; }
  /// Tells what is waited for; whether so many times the time has passed.
  bool is_over(const std::string& what, int times = 1) const {
    if (tell_) tell_(what);
    return Clock::now() - begin_ >= times * std::chrono::duration<double>(seconds_);
  }

 private:
  double seconds_;
  const WhileWaiting& tell_;
  Clock::time_point begin_ = Clock::now();
};

/// Connects to rank 0, once it is there.
Socket connect_to(const Place& place, const Wait& wait) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  const int status = getaddrinfo(place.host.c_str(), place.port.c_str(), &hints, &found);
  require(status == 0, "MASTER_ADDR {} is not known: {}", place.host, gai_strerror(status));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> all(found, freeaddrinfo);
  while (true) {
    int reason = 0;
    for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
      Socket socket(::socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
      if (socket && connect(socket.descriptor(), at->ai_addr, at->ai_addrlen) == 0) return socket;
      reason = errno;
    }
    require(!wait.is_over(fmt::format("rank 0 is not at {}:{}", place.host, place.port)),
            "rank 0 is not at {}:{} after {:.0f} s ({}): is it started, and are "
            "MASTER_ADDR and MASTER_PORT the same for all?",
            place.host, place.port, wait.seconds(), std::strerror(reason));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

class TcpMeeting : public Meeting {
 public:
  TcpMeeting(Ranks launched, double patience, const WhileWaiting& while_waiting)
      : ranks_(std::move(launched)),
        work_(std::size_t(ranks_.count)),
        beats_(std::size_t(ranks_.count)) {
    const Place place;
    const Wait wait(patience, while_waiting);
    if (ranks_.rank == 0)
      wait_for_all(place, wait);
    else
      come(place, wait);
  }

  const Ranks& ranks() const override { return ranks_; }

  void run(const AllReduce& op) override {
    if (op.type == DType::f32)
      add_up(static_cast<float*>(op.data), op.size);
    else
      add_up(static_cast<std::int32_t*>(op.data), op.size);
  }
  void run(const AllGather& op) override {
    char* all = static_cast<char*>(op.all);
    const std::size_t whole = op.size * work_.size();
    if (ranks_.rank == 0) {
      std::memcpy(all, op.mine, op.size);
      for (int r = 1; r < ranks_.count; ++r) receive(r, all + std::size_t(r) * op.size, op.size);
    } else {
      send(0, op.mine, op.size);
    }
    run(Broadcast{.data = all, .size = whole});
  }
  void run(const Broadcast& op) override {
    if (ranks_.rank != 0) return receive(0, op.data, op.size);
    for (int r = 1; r < ranks_.count; ++r) send(r, op.data, op.size);
  }

  void abort(int) noexcept override {}  // the others see connections that end with the process

  void beat(int rank) override {
    const char sign = 0;
    ::send(beats_[std::size_t(rank)].descriptor(), &sign, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  bool heard(int rank) override {
    char signs[64];
    return recv(beats_[std::size_t(rank)].descriptor(), signs, sizeof signs, MSG_DONTWAIT) > 0;
  }

 private:
  /// On rank 0, until each of the others has come with both of its connections.
  void wait_for_all(const Place& place, const Wait& wait) {
    const Socket door = listen_at(place);
    int missing = 2 * (ranks_.count - 1);
    while (missing > 0) {
      pollfd waiting{door.descriptor(), POLLIN, 0};
      if (poll(&waiting, 1, 100) <= 0) {
        const std::string who = missing_ranks();
        require(!wait.is_over(fmt::format("{} not come to port {}", who, place.port)),
                "{} not come in {:.0f} s", who, wait.seconds());
        continue;
      }
      Socket guest(accept4(door.descriptor(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!guest) continue;
      const timeval while_it_speaks{5, 0}, for_ever{0, 0};
      setsockopt(guest.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &while_it_speaks, sizeof(timeval));
      Hello hello;
      if (!guest.receive(&hello, sizeof hello) || hello.magic != Hello().magic) continue;
      setsockopt(guest.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &for_ever, sizeof(timeval));
      const std::string wrong = why_not(hello);
      const std::uint64_t size = wrong.size();
      guest.send(&size, sizeof size);
      guest.send(wrong.data(), size);
      require(wrong.empty(), "{}", wrong);
      connection(hello.use, hello.rank) = std::move(guest);
      --missing;
    }
    for (int r = 1; r < ranks_.count; ++r) send(r, &all_are_here, 1);
  }
  Socket& connection(Use use, int rank) {
    return (use == Use::work ? work_ : beats_)[std::size_t(rank)];
  }
  /// Empty if who says hello is one who is missing.
  std::string why_not(const Hello& hello) {
    if (hello.count != ranks_.count)
      return fmt::format("rank {} was told of {} ranks, rank 0 of {}: WORLD_SIZE is one for all",
                         hello.rank, hello.count, ranks_.count);
    if (hello.rank < 1 || hello.rank >= ranks_.count || connection(hello.use, hello.rank))
      return fmt::format("there are two processes of rank {}: each has a RANK of its own",
                         hello.rank);
    return {};
  }
  std::string missing_ranks() const {
    constexpr int most_named = 8;
    std::string names;
    int count = 0;
    for (int r = 1; r < ranks_.count; ++r)
      if (!work_[std::size_t(r)] && count++ < most_named)
        names += fmt::format("{}{}", count > 1 ? ", " : "", r);
    if (count > most_named) names += fmt::format(" and {} more", count - most_named);
    return fmt::format("rank{} {} {}", count == 1 ? "" : "s", names, count == 1 ? "has" : "have");
  }

  /// On the others.
  void come(const Place& place, const Wait& wait) {
    for (const Use use : {Use::work, Use::beats}) {
      Socket socket = connect_to(place, wait);
      const Hello hello{.rank = ranks_.rank, .count = ranks_.count, .use = use};
      std::uint64_t size = 0;
      bool answered =
          socket.send(&hello, sizeof hello) && socket.receive(&size, sizeof size) && size <= 1000;
      std::string wrong(answered ? size : 0, ' ');
      answered = answered && socket.receive(wrong.data(), wrong.size());
      require(answered, "what is at {}:{} is no rank 0", place.host, place.port);
      require(wrong.empty(), "{}", wrong);
      connection(use, 0) = std::move(socket);
    }
    pollfd waiting{connection(Use::work, 0).descriptor(), POLLIN, 0};
    // Rank 0 may have begun as late as this one was ready to wait.
    while (poll(&waiting, 1, 100) <= 0)
      require(!wait.is_over("other ranks have not come to rank 0", 2),
              "rank 0 has not said that all ranks are here");
    char said = 0;
    receive(0, &said, 1);
  }

  void send(int rank, const void* data, std::size_t size) const {
    if (!work_[std::size_t(rank)].send(data, size)) fail_gone(rank);
  }
  void receive(int rank, void* data, std::size_t size) const {
    if (!work_[std::size_t(rank)].receive(data, size)) fail_gone(rank);
  }
  [[noreturn]] void fail_gone(int rank) const {
    fail(
        "rank {} has ended ({}); all ranks end, and the same command goes on after the last "
        "finished epoch",
        rank, errno == 0 ? "it closed the connection" : std::strerror(errno));
  }

  /// In the order of ranks, piece by piece.
  template <class T>
  void add_up(T* data, std::size_t size) {
    constexpr std::size_t piece = std::size_t{1} << 18;
    std::vector<T> other(std::min(size, piece));
    for (; size > 0;) {
      const std::size_t part = std::min(size, piece);
      if (ranks_.rank != 0) send(0, data, part * sizeof(T));
      for (int r = 1; ranks_.rank == 0 && r < ranks_.count; ++r) {
        receive(r, other.data(), part * sizeof(T));
        for (std::size_t i = 0; i < part; ++i) data[i] += other[i];
      }
      run(Broadcast{.data = data, .size = part * sizeof(T)});
      data += part, size -= part;
    }
  }

  static constexpr char all_are_here = 1;
  Ranks ranks_;
  std::vector<Socket> work_, beats_;  // by rank: on rank 0 all others', on them that to rank 0
};

}  // namespace

std::unique_ptr<Meeting> meet_by_tcp(const Ranks& launched, double patience,
                                     const WhileWaiting& while_waiting) {
  return std::make_unique<TcpMeeting>(launched, patience, while_waiting);
}

}  // namespace kernels
