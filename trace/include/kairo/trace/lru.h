// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>
#include <utility>

namespace kairo::trace {

// Values by block id in order of last use. All operations take constant time. No capacity of its
// own: the owner pops.
template <class Value>
class LruMap {
 public:
  [[nodiscard]] std::size_t size() const { return index_.size(); }
  [[nodiscard]] bool contains(std::uint64_t id) const { return index_.contains(id); }

  // The value of `id` or nullptr; does not count as a use. Valid until `id` leaves.
  [[nodiscard]] Value* find(std::uint64_t id) {
    const auto at = index_.find(id);
    return at == index_.end() ? nullptr : &at->second->second;
  }
  [[nodiscard]] const Value* find(std::uint64_t id) const {
    const auto at = index_.find(id);
    return at == index_.end() ? nullptr : &at->second->second;
  }

  // Makes `id` the most recently used; false when it is not here.
  bool touch(std::uint64_t id) {
    const auto at = index_.find(id);
    if (at == index_.end()) return false;
    order_.splice(order_.begin(), order_, at->second);
    return true;
  }

  // Adds an id that is not here yet, as the most recently used.
  void insert(std::uint64_t id, Value value) {
    order_.emplace_front(id, std::move(value));
    index_.emplace(id, order_.begin());
  }

  // Takes the least recently used entry out.
  std::optional<std::pair<std::uint64_t, Value>> pop() {
    if (order_.empty()) return std::nullopt;
    std::pair<std::uint64_t, Value> last = std::move(order_.back());
    index_.erase(last.first);
    order_.pop_back();
    return last;
  }

 private:
  using Order = std::list<std::pair<std::uint64_t, Value>>;
  Order order_;  // most recently used first
  std::unordered_map<std::uint64_t, typename Order::iterator> index_;
};

}  // namespace kairo::trace
