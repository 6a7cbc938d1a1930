// SPDX-License-Identifier: Apache-2.0
// A message for a JSON decoder, with the padding that it wants and nothing behind that, so that
// AddressSanitizer watches its end. The padding would close what the message leaves open.
#pragma once
#include <algorithm>
#include <memory>
#include <string_view>

#include "protocol/ws/padded_buffer.h"

namespace aquatic::test {

class PaddedMessage {
 public:
  explicit PaddedMessage(std::string_view text, char padding = '}')
      : storage_(std::make_unique<char[]>(text.size() + ws::kPaddingBytes)), size_(text.size()) {
    std::ranges::copy(text, storage_.get());
    std::fill_n(storage_.get() + size_, ws::kPaddingBytes, padding);
  }

  ws::PaddedBytes bytes() const { return {as_bytes({storage_.get(), size_})}; }

 private:
  std::unique_ptr<char[]> storage_;
  std::size_t size_;
};

}  // namespace aquatic::test
