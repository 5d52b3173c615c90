import Core
package import Foundation

/// A tensor to be written.
package struct TensorPayload: Sendable {
  package let name: String
  package let type: ElementType
  package let shape: [Int]
  package let bytes: Data

  package init(name: String, shape: [Int], floats: [Float]) {
    self.init(name: name, type: .float32, shape: shape, bytes: floats.withUnsafeBytes { Data($0) })
  }

  package init(name: String, shape: [Int], integers: [Int64]) {
    self.init(name: name, type: .int64, shape: shape, bytes: integers.withUnsafeBytes { Data($0) })
  }

  package init(name: String, type: ElementType, shape: [Int], bytes: Data) {
    self.name = name
    self.type = type
    self.shape = shape
    self.bytes = bytes
  }
}

extension SafetensorsFile {
  /// The bytes of a safetensors file: tensors in the given order, header padded to a multiple of 8 with
  /// spaces, keys sorted. Equal input gives equal bytes.
  package static func encode(_ tensors: [TensorPayload], metadata: [String: String] = [:]) throws
    -> Data
  {
    struct Entry: Encodable {
      let dtype: String
      let shape: [Int]
      let data_offsets: [Int]
    }
    enum Field: Encodable {
      case tensor(Entry)
      case metadata([String: String])

      func encode(to encoder: any Encoder) throws {
        switch self {
        case .tensor(let entry): try entry.encode(to: encoder)
        case .metadata(let values): try values.encode(to: encoder)
        }
      }
    }
    var fields: [String: Field] = metadata.isEmpty ? [:] : ["__metadata__": .metadata(metadata)]
    var offset = 0
    for tensor in tensors {
      let end = offset + tensor.bytes.count
      fields[tensor.name] = .tensor(
        Entry(dtype: tensor.type.rawValue, shape: tensor.shape, data_offsets: [offset, end]))
      offset = end
    }
    var header = try CanonicalJSON.encode(fields)
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    var result = Data(capacity: 8 + header.count + offset)
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { result.append(contentsOf: $0) }
    result.append(header)
    for tensor in tensors { result.append(tensor.bytes) }
    return result
  }

  package static func write(
    _ tensors: [TensorPayload], metadata: [String: String] = [:], to url: URL
  ) throws {
    try AtomicFile.write(try encode(tensors, metadata: metadata), to: url)
  }
}
