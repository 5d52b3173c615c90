/// Status and header fields of a response.
struct HTTPHead: Equatable {
  let status: Int
  /// By lower-case name; the last of several with one name.
  var fields: [String: String] = [:]

  /// - Parameter statusLine: `HTTP/1.1 206 Partial Content`, `HTTP/2 200`; nil for anything else.
  init?(statusLine: Substring) {
    let words = statusLine.split(separator: " ", maxSplits: 2)
    guard words.count >= 2, words[0].hasPrefix("HTTP/"), let status = Int(words[1]) else {
      return nil
    }
    self.status = status
  }

  subscript(name: String) -> String? { fields[name] }

  var contentLength: Int? {
    self["content-length"].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
  }

  /// What a range request may be made conditional on: an entity tag that promises equal bytes, else the date.
  /// Weak tags promise less than that (RFC 9110 §13.1.5).
  var validator: String? {
    if let tag = self["etag"], tag.hasPrefix("\"") { return tag }
    return self["last-modified"]
  }

  /// Seconds of a `Retry-After` that gives seconds.
  var retryAfter: Double? { self["retry-after"].flatMap(Double.init) }

  /// `Content-Range: bytes 100-199/200`, or `bytes */200` in the answer 416 (RFC 9110 §14.4).
  struct ContentRange: Equatable {
    /// Nil in the form with `*`.
    var range: ClosedRange<Int>?
    /// Nil when the server does not say.
    var total: Int?
  }

  var contentRange: ContentRange? {
    guard
      let match = self["content-range"]?.wholeMatch(
        of: /[Bb]ytes\s+(?:(\d+)-(\d+)|\*)\/(?:(\d+)|\*)/)
    else { return nil }
    let total = match.3.flatMap { Int($0) }
    guard let first = match.1, let last = match.2 else { return ContentRange(total: total) }
    guard let lower = Int(first), let upper = Int(last), lower <= upper, upper < total ?? .max
    else { return nil }
    return ContentRange(range: lower...upper, total: total)
  }
}
