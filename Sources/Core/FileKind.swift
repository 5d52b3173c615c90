package import Foundation

/// Whether a folder is there, links followed.
package func isFolder(_ url: URL) -> Bool { fileKind(url) == S_IFDIR }

/// Whether a regular file is there, links followed.
package func isFile(_ url: URL) -> Bool { fileKind(url) == S_IFREG }

private func fileKind(_ url: URL) -> mode_t? {
  var info = stat()
  return stat(url.path, &info) == 0 ? info.st_mode & S_IFMT : nil
}
