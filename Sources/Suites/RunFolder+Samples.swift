import Core
import Experiments
import TensorFiles

extension SampleStructure {
  /// `group` and `fold` [N], of samples that hang together or are averaged apart; nothing of others.
  var tensors: [TensorPayload] {
    [("group", groups), ("fold", folds)].compactMap { name, groups in
      groups.map {
        TensorPayload(name: name, shape: [$0.numbers.count], integers: $0.numbers.map(Int64.init))
      }
    }
  }
}

extension FrameSets {
  /// `frame_set`, `frame_set_size` and `anchor` [N].
  var tensors: [TensorPayload] {
    [
      ("frame_set", numbers), ("frame_set_size", numbers.map { sizes[$0] }),
      ("anchor", isAnchor.map { $0 ? 1 : 0 }),
    ].map { name, values in
      TensorPayload(name: name, shape: [values.count], integers: values.map(Int64.init))
    }
  }
}

extension RunFolder {
  /// As ids are written: a backslash, a tab and a line break are `\\`, `\t` and `\n`.
  static func unescaped(_ line: String) -> String {
    guard line.utf8.contains(UInt8(ascii: "\\")) else { return line }
    var text = ""
    var isEscape = false
    for character in line {
      switch (isEscape, character) {
      case (false, "\\"): isEscape = true
      case (false, _): text.append(character)
      case (true, _):
        text.append(character == "n" ? "\n" : character == "t" ? "\t" : character)
        isEscape = false
      }
    }
    return text
  }
}
