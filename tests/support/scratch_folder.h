// SPDX-License-Identifier: Apache-2.0
// A folder for the files of one test. Tests run beside each other, also those of one file.
#pragma once
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace aquatic::test {

// A new folder, removed in the end with all that is in it.
class ScratchFolder {
 public:
  ScratchFolder() : path_(std::filesystem::temp_directory_path() / "aquatic-test-XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make " + path_);
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::string& path() const noexcept { return path_; }
  std::string path(const std::string& file) const { return path_ + "/" + file; }

  // Makes or replaces a file. Returns its path.
  std::string write(const std::string& file, std::string_view text) const {
    std::ofstream(path(file), std::ios::binary) << text;
    return path(file);
  }

 private:
  std::string path_;
};

}  // namespace aquatic::test
