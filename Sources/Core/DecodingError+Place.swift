extension DecodingError {
  /// One line for people: the path in the document, and what was expected there.
  package var place: String {
    switch self {
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .keyNotFound(_, let context), .dataCorrupted(let context):
      let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
      let at = path.isEmpty ? "" : "at \(path.joined(separator: ".")): "
      return at + context.debugDescription
    @unknown default: return "not the expected JSON"
    }
  }
}
