import Core
import Foundation

/// The scenes of a file of CLEVR's, `{"info": …, "scenes": [{"image_filename": …, "objects": [{…}, …], …}, …]}`, of which nothing but
/// names and counts is kept: the training scenes have hundreds of megabytes.
struct CLEVRScenes {
  struct Scene {
    var image: String
    var objectCount: Int
    /// Byte of the file.
    var offset: Int
  }

  let scenes: [Scene]

  /// - Throws: `EvalError.malformedData` with the byte.
  init(_ url: URL) throws {
    let file = try MappedFile(url)
    var reader = Reader(file)
    var scenes: [Scene]?
    try reader.object { reader, key in
      guard key == "scenes" else { return try reader.skipValue() }
      var found: [Scene] = []
      try reader.array { reader in found.append(try reader.scene()) }
      scenes = found
    }
    try reader.end()
    guard let scenes else { throw reader.error("expected a member \"scenes\"") }
    self.scenes = scenes
  }

  private struct Reader {
    private let file: MappedFile
    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var released = 0

    init(_ file: MappedFile) {
      self.file = file
      bytes = file.bytes
    }

    func error(_ message: String) -> EvalError {
      EvalError(.malformedData, message, subject: "\(file.url.path), byte \(position)")
    }

    private mutating func peek() -> UInt8? {
      while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) {
        position += 1
      }
      return position < bytes.count ? bytes[position] : nil
    }

    private mutating func expect(_ character: Unicode.Scalar) throws {
      guard peek() == UInt8(ascii: character) else { throw error("expected \"\(character)\"") }
      position += 1
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
      guard peek() == UInt8(ascii: character) else { return false }
      position += 1
      return true
    }

    mutating func end() throws {
      guard peek() == nil else { throw error("expected the end of the file after the object") }
    }

    mutating func object(_ member: (inout Reader, String) throws -> Void) throws {
      try expect("{")
      if skip("}") { return }
      repeat {
        let key = try string()
        try expect(":")
        try member(&self, key)
      } while skip(",")
      try expect("}")
    }

    mutating func array(_ element: (inout Reader) throws -> Void) throws {
      try expect("[")
      if skip("]") { return }
      repeat { try element(&self) } while skip(",")
      try expect("]")
    }

    mutating func scene() throws -> Scene {
      _ = peek()
      let offset = position
      var (image, count): (String?, Int?)
      try object { reader, key in
        switch key {
        case "image_filename": image = try reader.string()
        case "objects":
          var objects = 0
          try reader.array {
            try $0.skipValue()
            objects += 1
          }
          count = objects
        default: try reader.skipValue()
        }
      }
      guard let image, let count else {
        throw EvalError(
          .malformedData, "expected a scene with \"image_filename\" and \"objects\"",
          subject: "\(file.url.path), byte \(offset)")
      }
      if position - released > 64 << 20 {
        file.release(released..<position)
        released = position
      }
      return Scene(image: image, objectCount: count, offset: offset)
    }

    /// Keys and file names, which hold no escapes.
    private mutating func string() throws -> String {
      try expect("\"")
      let start = position
      while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
        guard bytes[position] != UInt8(ascii: "\\"), position - start < 1024 else {
          throw error("expected a short text without escapes")
        }
        position += 1
      }
      let text = bytes[start..<position]
      try expect("\"")
      guard let text = String(validating: text, as: UTF8.self) else {
        throw error("expected UTF-8 text")
      }
      return text
    }

    /// A value of any kind, whose brackets must match; what lies between them is not looked at.
    mutating func skipValue() throws {
      var open: [UInt8] = []
      repeat {
        guard let byte = peek() else { throw error("the file ends inside a value") }
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
          // In ASCII, closing brackets come two after the opening ones.
          open.append(byte + 2)
          guard open.count <= 64 else { throw error("brackets are nested too deeply") }
          position += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
          guard open.popLast() == byte else { throw error("this bracket closes none") }
          position += 1
        case UInt8(ascii: "\""): try skipString()
        case UInt8(ascii: ","), UInt8(ascii: ":"):
          guard !open.isEmpty else { throw error("expected a value") }
          position += 1
        default:
          let start = position
          while position < bytes.count, Self.isBare(bytes[position]) { position += 1 }
          guard position > start else { throw error("expected a value") }
        }
      } while !open.isEmpty
    }

    private mutating func skipString() throws {
      position += 1
      while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
        position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
      }
      try expect("\"")
    }

    /// Of numbers, `true`, `false` and `null`.
    private static func isBare(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "+"),
        UInt8(ascii: "."):
        true
      default: false
      }
    }
  }
}
