#include "collect/text_block.h"

#include <cstring>
#include <new>

#include <sys/mman.h>

#include "collect/heap_bytes.h"

namespace xtrace::collect {

namespace {

constexpr std::size_t kMappedFrom = std::size_t{1} << 17U;
constexpr std::size_t kPage = 4096;  // at least; more only on machines that have much

char* map_pages(std::size_t size) {
  void* pages = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  return static_cast<char*>(pages);
}

}  // namespace

TextBlock::TextBlock(std::string_view text) : size_(static_cast<std::uint32_t>(text.size())) {
  if (text.empty()) return;
  data_ = is_mapped() ? map_pages(size_) : new char[size_];
  std::memcpy(data_, text.data(), text.size());
}

TextBlock::~TextBlock() {
  if (is_mapped()) {
    ::munmap(data_, size_);
  } else {
    delete[] data_;
  }
}

std::size_t TextBlock::bytes() const {
  return is_mapped() ? (size_ + kPage - 1) / kPage * kPage : heap_bytes(size_);
}

bool TextBlock::is_mapped() const {
  return size_ >= kMappedFrom;
}

}  // namespace xtrace::collect
