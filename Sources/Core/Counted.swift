/// `1 file`, `2 files`; where more than the noun changes, both forms as they are said: `1 file is`, `2 files are`.
///
/// - Parameter plural: nil puts an `s` behind.
package func counted(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
  "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
}
