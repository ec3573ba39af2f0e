#pragma once

#include "common/contract.hpp"

namespace lb::net {

/// A place in one list at a time; leaves it when it dies. Costs no allocation.
class ListHook {
 public:
  ListHook() = default;
  ~ListHook() { unlink(); }
  ListHook(const ListHook&) = delete;
  ListHook& operator=(const ListHook&) = delete;

  bool linked() const { return next_ != nullptr; }
  void unlink() {
    if (next_ == nullptr) return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    next_ = previous_ = nullptr;
  }

 private:
  template <class T>
  friend class IntrusiveList;
  ListHook* previous_{nullptr};
  ListHook* next_{nullptr};
};

/// Items of type T, which derives from ListHook. Owns nothing.
template <class T>
class IntrusiveList {
 public:
  IntrusiveList() { head_.previous_ = head_.next_ = &head_; }
  ~IntrusiveList() {
    while (!empty()) head_.next_->unlink();
    head_.previous_ = head_.next_ = nullptr;
  }
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;

  bool empty() const { return head_.next_ == &head_; }
  void push_back(T& item) {
    ListHook& hook = item;
    common::expects(!hook.linked(), "an item stands in one list at a time");
    hook.previous_ = head_.previous_;
    hook.next_ = &head_;
    head_.previous_->next_ = &hook;
    head_.previous_ = &hook;
  }
  T& front() { return static_cast<T&>(*head_.next_); }

  /// Calls `visit` for every item; it may unlink or destroy the one it is given, no other.
  template <class Visit>
  void for_each(Visit visit) {
    for (auto* hook = head_.next_; hook != &head_;) {
      auto* const next = hook->next_;
      visit(static_cast<T&>(*hook));
      hook = next;
    }
  }

 private:
  ListHook head_;
};

}  // namespace lb::net
