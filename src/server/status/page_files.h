// SPDX-License-Identifier: Apache-2.0
// The page for people: the files of src/server/status/page, which the build puts into the
// executable as they are.
#pragma once
#include <string_view>

namespace aquatic::server {

extern const std::string_view kPageHtml;
extern const std::string_view kPageCss;
extern const std::string_view kPageJs;

}  // namespace aquatic::server
