package import Foundation

/// Bytes that can be read anywhere: a file's, or those that a compressed file unpacks to. Used from many threads.
package protocol RandomAccessBytes: AnyObject, Sendable {
  /// The file to name in messages.
  var url: URL { get }
  var count: Int { get }

  /// Exactly `count` bytes.
  /// - Throws: `EvalError.malformedData` when there are not so many, or the file is damaged.
  func read(at offset: Int, count: Int) throws -> [UInt8]
}

extension PositionedFile: RandomAccessBytes {}
