import CReferences
package import Core
package import Foundation

/// The tables of `Reports/reference`, which the program holds in itself: a moved binary has them.
package enum ReferenceFiles {
  /// Names a folder whose files stand in for those of the program.
  package static let variable = "CLIP_EVAL_REPORTS_REFERENCE"

  /// Of the program's own, in alphabetical order.
  package static let names = (0..<cr_table_count()).map { String(cString: cr_table_at($0).name) }

  /// A table's bytes: the file of that name in the folder, or in the one that `$CLIP_EVAL_REPORTS_REFERENCE` names; else the program's own.
  /// - Throws: `EvalError.notFound` when what names a folder names something else, or no table has this name.
  package static func data(
    _ name: String, in folder: URL? = nil,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(EvalError) -> Data {
    let home: URL?
    if let folder { home = folder } else { home = try self.folder(environment) }
    if let home {
      let file = home.appending(path: name)
      if FileManager.default.fileExists(atPath: file.path) { return try read(file) }
    }
    guard let index = names.firstIndex(of: name) else {
      throw EvalError(
        .notFound, "no table of this name comes with the program", subject: name,
        remedy: NearMiss.hint(for: name, among: names))
    }
    let table = cr_table_at(index)
    return Data(bytes: table.bytes, count: table.size)
  }

  private static func folder(_ environment: [String: String]) throws(EvalError) -> URL? {
    guard let path = environment[variable], !path.isEmpty else { return nil }
    let folder = URL(filePath: path)
    guard isFolder(folder) else {
      throw EvalError(.notFound, "$\(variable) names \(path), which is not a folder", subject: path)
    }
    return folder
  }

  private static func read(_ file: URL) throws(EvalError) -> Data {
    do {
      return try readFile(file, limit: 1 << 26)
    } catch let error as EvalError {
      throw error
    } catch {
      throw EvalError(.notFound, "\(error)", subject: file.path)
    }
  }
}
