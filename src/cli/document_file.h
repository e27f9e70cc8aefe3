#pragma once

/// `DocumentFile` reads the segment documents of a file, whatever they are wrapped in, to be looked
/// at: what X-Ray would refuse is taken as well, as long as it is JSON.

#include <memory>
#include <string>
#include <vector>

#include <xtrace/expected.h>

#include "cli/document_reader.h"
#include "cli/process.h"

namespace xtrace::cli {

class DocumentFile {
 public:
  /// `-` is stdin. Fails with `invalid_config`, naming the file and the reason.
  static Expected<std::unique_ptr<DocumentFile>> open(const std::string& path,
                                                      const Process& process);
  DocumentFile(const DocumentFile&) = delete;
  DocumentFile& operator=(const DocumentFile&) = delete;
  ~DocumentFile();

  /// A `refused` item with a text is a document all the same, of a JSON that X-Ray makes nothing
  /// of; one without is no JSON. Waits for a pipe's writer.
  DocumentReader::Item next() { return reader_->next(); }
  /// As messages call it: `stdin`, or the path.
  const std::string& name() const { return name_; }

 private:
  DocumentFile(std::string name, int descriptor, bool owns);

  std::string name_;
  int descriptor_;
  bool owns_;
  std::unique_ptr<ByteSource> source_;
  std::vector<DocumentSite> sites_;
  std::unique_ptr<DocumentReader> reader_;
};

}  // namespace xtrace::cli
