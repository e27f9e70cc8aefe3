#pragma once

/// `Chain<T>` is a doubly linked list through its elements: putting in, taking out and moving to
/// another chain allocate nothing. It owns nothing; an element takes itself out when it dies.
///
/// An element that is in several chains at once has a `Link` for each, told apart by a tag.

#include <cstddef>

namespace xtrace {

/// Base of what can be in a `Chain<T, Tag>`.
template <class T, class Tag = T>
class Link {
 public:
  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  bool is_linked() const { return next_ != this; }
  void unlink() {
    next_->previous_ = previous_;
    previous_->next_ = next_;
    previous_ = this;
    next_ = this;
  }

 protected:
  ~Link() { unlink(); }

 private:
  template <class, class>
  friend class Chain;

  Link* previous_ = this;
  Link* next_ = this;
};

template <class T, class Tag = T>
class Chain {
 public:
  using Node = Link<T, Tag>;

  bool empty() const { return !ends_.is_linked(); }
  /// Null where the chain is empty.
  T* front() { return as_element(ends_.next_); }
  T* back() { return as_element(ends_.previous_); }
  /// The one behind, or null.
  T* after(Node& element) { return as_element(element.next_); }

  void push_front(Node& element) { insert(element, ends_); }
  void push_back(Node& element) { insert(element, *ends_.previous_); }

 private:
  struct Ends : Node {};

  T* as_element(Node* node) { return node == &ends_ ? nullptr : static_cast<T*>(node); }

  static void insert(Node& element, Node& before) {
    element.unlink();
    element.previous_ = &before;
    element.next_ = before.next_;
    before.next_->previous_ = &element;
    before.next_ = &element;
  }

  Ends ends_;
};

}  // namespace xtrace
