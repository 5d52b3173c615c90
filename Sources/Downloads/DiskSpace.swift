package import Foundation

package enum DiskSpace {
  /// Bytes an ordinary user can still write to the file system of a folder that exists; nil when it does not say.
  package static func free(at folder: URL) -> Int? {
    var info = statvfs()
    guard statvfs(folder.path, &info) == 0 else { return nil }
    let (bytes, overflow) = Int(clamping: info.f_bavail)
      .multipliedReportingOverflow(by: Int(clamping: info.f_frsize))
    return overflow ? .max : bytes
  }
}
