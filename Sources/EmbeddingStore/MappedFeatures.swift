import Core
package import Foundation
import LinearAlgebra
import TensorFiles

/// Features made elsewhere, checked, and used where they lie: float32 in safetensors and npy files is mapped, never copied, so
/// that what is not in use can leave the memory; other types, and npz files, are converted into memory.
@dynamicMemberLookup
package struct MappedFeatures: Sendable {
  /// Rows one after another.
  package struct Piece: @unchecked Sendable {
    /// Of the first row; read only, and valid while `owner` lives.
    package let pointer: UnsafePointer<Float>
    package let rows: Int
    package let owner: any AnyObject & Sendable
    /// Whether they are pages of the file, which cost no memory of their own.
    package let isMapped: Bool
  }

  /// In the order of the rows.
  package let pieces: [Piece]
  /// D.
  package let columns: Int
  /// N.
  package let count: Int
  package let facts: FeatureFacts

  package subscript<Value>(dynamicMember fact: KeyPath<FeatureFacts, Value>) -> Value {
    facts[keyPath: fact]
  }

  /// Reads every row once, to check it as `FeatureTable` does.
  /// - Parameter url: a feature file, or a folder of one (`FeatureSource.init(at:)`).
  /// - Throws: as `FeatureTable` does.
  package init(at url: URL) throws {
    let source = try FeatureSource(existingAt: url)
    let columns = try FeatureColumns(source, content: .images)
    let list = try FeatureList(columns.arrays, subject: source.url.path)
    var norms = RowNorms()
    pieces = try list.arrays.filter { $0.rows > 0 }.map { array in
      if let pointer = array.floatsInPlace {
        try norms.add(0..<array.rows, of: array, at: pointer)
        return Piece(
          pointer: pointer, rows: array.rows, owner: Owner(array.view), isMapped: array.file != nil)
      }
      let buffer = FloatBuffer(count: array.rows * array.width)
      try list.copy(array, to: buffer.pointer, &norms)
      return Piece(pointer: buffer.pointer, rows: array.rows, owner: buffer, isMapped: false)
    }
    self.columns = list.width
    count = list.count
    facts = try FeatureFacts(columns, list, norms, content: .images)
  }

  /// Keeps a view's bytes.
  private final class Owner: Sendable {
    private let view: TensorView
    init(_ view: TensorView) { self.view = view }
  }
}
