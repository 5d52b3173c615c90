/// "Did you mean …?" for names a user typed.
package enum NearMiss {
  /// The candidates closest to `name` by edit distance ignoring case, nearest first, at most `count`,
  /// none further away than a third of the name's length (at least 2).
  package static func suggestions(for name: String, among candidates: [String], count: Int = 3)
    -> [String]
  {
    let limit = max(2, name.count / 3)
    let wanted = Array(name.lowercased())
    return
      candidates
      .map { ($0, distance(wanted, Array($0.lowercased()))) }
      .filter { $0.1 <= limit }
      .sorted { ($0.1, $0.0) < ($1.1, $1.0) }
      .prefix(count).map(\.0)
  }

  /// A sentence for an error's remedy, or nil when nothing is close.
  package static func hint(for name: String, among candidates: [String]) -> String? {
    sentence(suggestions(for: name, among: candidates))
  }

  package static func sentence(_ names: [String]) -> String? {
    names.isEmpty ? nil : "Did you mean \(names.joined(separator: ", "))?"
  }

  /// Levenshtein distance.
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let substitution = diagonal + (x == y ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substitution, row[j] + 1, diagonal + 1)
      }
    }
    return row[b.count]
  }
}
