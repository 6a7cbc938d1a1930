// SPDX-License-Identifier: Apache-2.0
// Text as pages of the manual have it, in the language mdoc(7): nothing that is written here is
// taken for markup.
#pragma once
#include <string>
#include <string_view>

namespace aquatic {

// Sentences as lines of text, filled again, each sentence on a line of its own as the language
// wants it. Ends with a line break unless `text` has no word.
std::string manual_prose(std::string_view text);

// One argument of a macro, blanks and quotes included, to be shown letter by letter.
std::string manual_argument(std::string_view text);

}  // namespace aquatic
