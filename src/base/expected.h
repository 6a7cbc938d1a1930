// SPDX-License-Identifier: Apache-2.0
// A value or the reason why there is none: how the data plane reports bad input.
//
// std::expected is C++23; tl::expected has its shape.
#pragma once
#include <tl/expected.hpp>

namespace aquatic {

template <class Value, class Error>
using Expected = tl::expected<Value, Error>;

template <class Error>
using Unexpected = tl::unexpected<Error>;

}  // namespace aquatic
