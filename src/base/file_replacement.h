// SPDX-License-Identifier: Apache-2.0
// A file that takes the place of another once it is complete: whoever opens the path finds the old
// one or the new one, never a part. Until then it lies beside it, as path.tmp.
//
// For the control plane; one thread at a time. What fails throws std::runtime_error, with one
// sentence that names the file.
#pragma once
#include <string>
#include <string_view>

#include "base/file_descriptor.h"

namespace aquatic {

class FileReplacement {
 public:
  // Begins an empty file; what an earlier attempt left behind goes.
  explicit FileReplacement(const std::string& path);
  // Removes it unless it was committed.
  ~FileReplacement();
  FileReplacement(const FileReplacement&) = delete;
  FileReplacement& operator=(const FileReplacement&) = delete;

  void append(std::string_view bytes);
  // Waits until all that was appended is on the disk.
  void sync();
  // Once, and then nothing more.
  void commit();

 private:
  [[noreturn]] void fail() const;

  const std::string path_;
  const std::string temporary_path_;
  FileDescriptor file_;
  bool is_committed_ = false;
};

}  // namespace aquatic
