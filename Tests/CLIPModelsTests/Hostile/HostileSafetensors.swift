import Foundation
import TestSupport

/// Damaged copies of a safetensors checkpoint, in open_clip's layout.
enum HostileSafetensors {
  private static let folder = "checkpoints/vit-gelu-open_clip"
  private static let weights = "open_clip_model.safetensors"

  private static func file(
    _ name: String, _ outcome: HostileFile.Outcome,
    _ change: @escaping @Sendable (Data) throws -> Data
  ) -> HostileFile {
    HostileFile("safetensors: \(name)", outcome) {
      [
        weights: try change(fixture("\(folder)/\(weights)")),
        "open_clip_config.json": try fixture("\(folder)/open_clip_config.json"),
      ]
    }
  }

  static func all() throws -> [HostileFile] {
    try [truncations(), flips(), headers, values].flatMap { $0 }
  }

  private static func headerEnd(_ data: Data) -> Int {
    8 + data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  private static func truncations() throws -> [HostileFile] {
    let data = try fixture("\(folder)/\(weights)")
    let end = headerEnd(data)
    struct Entry: Decodable { let data_offsets: [Int] }
    let entries = try JSONDecoder().decode([String: Entry].self, from: data[8..<end])
    func cut(_ length: Int, _ complaint: String) -> HostileFile {
      file("cut after \(length) bytes", .refused(complaint)) { $0.prefix(length) }
    }
    var files: [HostileFile] = [
      cut(0, "8-byte header length, found 0 bytes"), cut(1, "8-byte header length"),
      cut(7, "8-byte header length"), cut(data.count - 1, "claims bytes"),
    ]
    for length in [8, 9, end / 2, end - 1] {
      files.append(cut(length, "the header claims \(end - 8) bytes"))
    }
    for start in Set(entries.values.map { $0.data_offsets[0] }).sorted() {
      files.append(cut(end + start, "claims bytes"))
    }
    return files
  }

  private static func flips() throws -> [HostileFile] {
    let end = headerEnd(try fixture("\(folder)/\(weights)"))
    let flips: [HostileFile] = (0..<40).map { index in
      file("bit of the header, \(index)", .any) {
        var damage = Damage(seed: UInt64(index))
        return damage.flip($0, in: 8..<end)
      }
    }
    let lengths: [HostileFile] = stride(from: 4, to: 64, by: 4).map { bit in
      file("bit \(bit) of the header's length", .refused("byte")) {
        var data = $0
        data[bit / 8] ^= 1 << UInt8(bit % 8)
        return data
      }
    }
    return flips + lengths
  }

  /// The header's text changed, its length with it.
  private static func edit(
    _ old: String, _ new: String, _ complaint: String
  ) -> HostileFile {
    file("\(old) → \(new.prefix(200))", .refused(complaint)) { data in
      try withHeader(of: data) { try $0.replacing(old, new) }
    }
  }

  private static func withHeader(of data: Data, _ change: (Data) throws -> Data) rethrows -> Data {
    let end = headerEnd(data)
    let header = try change(data[8..<end].withUnsafeBytes { Data($0) })
    var result = Data()
    result.append(number: header.count, bytes: 8)
    return result + header + data[end...]
  }

  private static let bias =
    #""ln_final.bias": {"data_offsets": [35916, 35964], "dtype": "F16", "shape": [24]}"#

  private static func bias(
    _ offsets: String = "[35916, 35964]", _ dtype: String = #""F16""#, _ shape: String = "[24]"
  ) -> String {
    #""ln_final.bias": {"data_offsets": \#(offsets), "dtype": \#(dtype), "shape": \#(shape)}"#
  }

  private static let headers: [HostileFile] = [
    edit(bias, bias("[35964, 35916]"), "claims bytes 35964..<35916"),
    edit(bias, bias("[35916, 99999999]"), "claims bytes 35916..<99999999"),
    edit(bias, bias("[35915, 35963]"), "tensors ln_final.weight and ln_final.bias overlap"),
    edit(bias, bias("[0, 48]"), "overlap"),
    edit(bias, bias("[-48, 0]"), "an offset: a whole number"),
    edit(bias, bias("[35916]"), "no dtype, shape and data_offsets"),
    edit(bias, bias("[35916, 35964, 35964]"), "more than 2 numbers"),
    edit(bias, bias("[35916.0, 35964]"), "expected \",\" or \"]\""),
    edit(bias, bias("[3.5e4, 35964]"), "expected \",\" or \"]\""),
    edit(bias, bias("\"all\""), "expected \"[\""),
    edit(bias, bias("[18446744073709551615, 18446744073709551663]"), "at most 18 digits"),
    edit(bias, bias("[35916, 35964]", "\"F32\""), "needs 96 bytes, has 48"),
    edit(bias, bias("[35916, 35964]", "\"F8_E4M3\""), "unsupported dtype F8_E4M3"),
    edit(bias, bias("[35916, 35964]", "\"\""), "unsupported dtype"),
    edit(bias, bias("[35916, 35964]", "16"), "expected \"\"\""),
    edit(bias, bias("[35916, 35964]", "\"I16\""), "has type I16, expected F32, F16, BF16 or F64"),
    edit(bias, bias("[35916, 35964]", "\"BF16\"", "[2, 12]"), "has shape [2, 12], expected [24]"),
    edit(bias, bias("[35916, 35964]", "\"U8\"", "[48]"), "has shape [48], expected [24]"),
    edit(bias, bias("[35916, 35964]", "\"F16\"", "[25]"), "needs 50 bytes, has 48"),
    edit(bias, bias("[35916, 35964]", "\"F16\"", "[]"), "needs 2 bytes, has 48"),
    edit(bias, bias("[35916, 35964]", "\"F16\"", "[-24]"), "a dimension: a whole number"),
    edit(bias, bias("[35916, 35964]", "\"F16\"", "[true]"), "a dimension: a whole number"),
    edit(bias, bias("[35916, 35964]", "\"F16\"", "[NaN]"), "a dimension: a whole number"),
    edit(bias, bias("[35916, 35964]", "\"F16\"", "[4611686018427387, 4096]"), "impossible shape"),
    edit(bias, bias("[35916, 35964]", "\"F16\"", "[9223372036854775807, 2]"), "at most 18 digits"),
    edit(
      bias, bias("[35916, 35964]", "\"F16\"", "[24" + String(repeating: ",1", count: 16) + "]"),
      "more than 16 numbers"),
    edit(bias, #""ln_final.bias": {}"#, "no dtype, shape and data_offsets"),
    edit(bias, #""ln_final.bias": null"#, "expected \"{\""),
    edit(bias, bias + ", " + bias, "two tensors are called ln_final.bias"),
    edit(
      bias, bias + #", "\u006cn_final.bias": {"data_offsets": [0, 0]}"#,
      "two tensors are called ln_final.bias"),
    edit(
      bias,
      bias + #", "é": {"dtype":"U8","shape":[0],"data_offsets":[0,0]}, "#
        + #""e\#u{301}": {"dtype":"U8","shape":[0],"data_offsets":[0,0]}"#,
      "in different spellings of Unicode"),
    edit(bias, bias("[35916, 35964], \"data_offsets\": [0, 48]"), "has the field data_offsets"),
    edit(bias, bias("[35916, 35964], \"stride\": [1]"), "has the field stride"),
    edit(bias, #""__metadata__": {"format": 1}, "# + bias, "expected \"\"\""),
    edit(bias, #""__metadata__": ["pt"], "# + bias, "expected \"{\""),
    edit(bias, "\"" + String(repeating: "n", count: 600) + #"": {}"#, "at most 512 bytes"),
    edit(bias, "\"a\u{1}\": {}", "must be escaped"), edit(bias, #""\ud800": {}"#, "surrogate"),
    edit("{", "[", "the header is not a JSON object"),
    edit("{", "", "the header is not a JSON object"), edit("}}", "}", "expected"),
    edit("}}", "}}}", "expected the end"), edit("}}", "}} x", "expected the end"),
    edit(bias, "\"ln_final.bias\": " + String(repeating: "[", count: 100_000), "expected \"{\""),
    edit(
      bias, "\"ln_final.bias\": " + String(repeating: "{\"a\":", count: 100_000), "has the field a"),
    edit(bias, #""x": 1"#, "expected \"{\""),
    file("a name that is not UTF-8", .refused("in UTF-8")) { data in
      try withHeader(of: data) {
        var header = try $0.replacing("ln_final.bias", "ln_final.bia~")
        if let position = header.firstIndex(of: 0x7e) { header[position] = 0xff }
        return header
      }
    },
    file("a header of 2⁶⁴ − 1 bytes", .refused("claims 18446744073709551615 bytes")) {
      Data(repeating: 0xff, count: 8) + $0.dropFirst(8)
    },
    file("a header of 2⁶³ bytes", .refused("claims 9223372036854775808 bytes")) {
      Data([0, 0, 0, 0, 0, 0, 0, 0x80]) + $0.dropFirst(8)
    },
    file("a header above the limit", .refused("16777216 are read at most")) { data in
      withHeader(of: data) { _ in Data("{}".utf8) + Data(repeating: 0x20, count: 16 << 20) }
    },
    file("a header of brackets", .refused("expected \"{\"")) { data in
      withHeader(of: data) { _ in
        Data("{\"a\":".utf8) + Data(repeating: UInt8(ascii: "["), count: (16 << 20) - 8)
      }
    },
    file("a header of a string without end", .refused("the string does not end")) { data in
      withHeader(of: data) { _ in
        Data("{\"".utf8) + Data(repeating: UInt8(ascii: "a"), count: (16 << 20) - 8)
      }
    },
    file("200 000 tensors without a byte", .refused("not those of a whole CLIP")) { data in
      withHeader(of: data) { _ in
        var text = "{"
        for i in 0..<200_000 {
          text +=
            "\(i == 0 ? "" : ",")\"\(i)\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}"
        }
        return Data((text + "}").utf8)
      }
    },
  ]

  private static func rename(_ old: String, _ new: String, _ complaint: String) -> HostileFile {
    edit("\"\(old)\"", "\"\(new)\"", complaint)
  }

  /// Headers that are sound, of tensors that are no CLIP's.
  private static let values: [HostileFile] = [
    rename("ln_final.bias", "ln_final.bais", "Did you mean ln_final.bais"),
    rename("logit_scale", "scale", "not those of a whole CLIP"),
    rename("token_embedding.weight", "tokens", "not those of a whole CLIP"),
    rename("positional_embedding", "positions", "expected a tensor named positional_embedding"),
    rename(
      "transformer.resblocks.0.mlp.c_fc.weight", "x", "text.layers layers: expected 1…1024, found 0"
    ),
    rename(
      "transformer.resblocks.1.mlp.c_fc.weight", "x", "text_cfg.layers is 2, but the weights have 1"
    ),
    rename("visual.conv1.weight", "visual.trunk.weight", "a timm image tower"),
    edit(
      #""dtype": "F16", "shape": [9, 24]"#, #""dtype": "F16", "shape": [24, 9]"#,
      "text_cfg.context_length is 9"),
    edit(
      #""dtype": "F16", "shape": [9, 24]"#, #""dtype": "F16", "shape": [216]"#,
      "expected 2 dimensions"),
    edit(
      #""dtype": "F16", "shape": [24, 12]"#, #""dtype": "F16", "shape": [12, 24]"#,
      "the image tower projects to"),
    edit(
      #""dtype": "F16", "shape": [40, 24]"#, #""dtype": "F16", "shape": [24, 40]"#,
      "text_cfg.width is 24"),
    edit(#""dtype": "F32", "shape": []"#, #""dtype": "I32", "shape": []"#, "has type I32"),
    edit(
      #""dtype": "F32", "shape": []"#, #""dtype": "F16", "shape": [2]"#,
      "expected logit_scale to be one number"),
    file("a logit scale of NaN", .refused("expected logit_scale to be a finite number")) {
      var data = $0
      let start = headerEnd(data) + 1008
      data.replaceSubrange(start..<start + 4, with: [0, 0, 0xc0, 0x7f])
      return data
    },
    file("bytes after the last tensor", .reads(like: "\(folder)/\(weights)")) {
      $0 + Data(repeating: 7, count: 100)
    },
  ]
}
