import Core
import Foundation

/// Markup: an element is text whose content is markup already, and everything strangers wrote goes through `escaped`.
enum HTML {
  /// Text as it is, whatever it holds; good in attributes too.
  static func escaped(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy {
      $0 >= 0x20 && $0 < 0x7F && $0 != 0x26 && $0 != 0x3C && $0 != 0x3E && $0 != 0x22
    }
    return isPlain ? text : SVGText.escaped(text)
  }

  /// - Parameter content: markup.
  static func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: String
  ) -> String {
    "<\(name)\(text(attributes))>\(content)</\(name)>"
  }

  private static func text(_ attributes: KeyValuePairs<String, String>) -> String {
    attributes.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined()
  }
}

/// A table with a caption; the first cell of a row names it. Scripts make those of the class `sort` sortable.
struct HTMLTable {
  struct Column {
    var title: String
    /// Right-aligned, and sorted by the number it begins with.
    var isNumber = false
    /// Markup over several cells, such as a drawing: nothing to sort by.
    var isSortable = true

    static func text(_ title: String) -> Column { Column(title: title) }
    static func number(_ title: String) -> Column { Column(title: title, isNumber: true) }
    static func drawing(_ title: String) -> Column { Column(title: title, isSortable: false) }
  }

  private let caption: String
  private let showsCaption: Bool
  /// Scrolls downwards too, below its headers.
  private let isLong: Bool
  private let columns: [Column]
  private let name: String?
  private(set) var rowCount = 0
  private var body = ""

  /// - Parameters:
  ///   - caption: text.
  ///   - name: id of the table.
  init(
    _ caption: String, showsCaption: Bool = true, name: String? = nil, isLong: Bool = false,
    _ columns: [Column]
  ) {
    self.isLong = isLong
    self.caption = caption
    self.showsCaption = showsCaption
    self.columns = columns
    self.name = name
  }

  /// - Parameters:
  ///   - cells: markup; one a column.
  ///   - attributes: markup for the row's start tag.
  mutating func append(_ cells: [String], attributes: String = "") {
    rowCount += 1
    body += "<tr\(attributes)>"
    for (index, (column, cell)) in zip(columns, cells).enumerated() {
      let kind = column.isNumber ? " class=\"n\"" : ""
      body += index == 0 ? "<th scope=\"row\"\(kind)>\(cell)</th>" : "<td\(kind)>\(cell)</td>"
    }
    body += "</tr>\n"
  }

  /// Within a region that scrolls sideways on narrow screens, by keys too.
  var markup: String {
    let head = columns.map { column in
      let kinds = (column.isNumber ? ["n"] : []) + (column.isSortable ? [] : ["fixed"])
      let kind = kinds.isEmpty ? "" : " class=\"\(kinds.joined(separator: " "))\""
      return "<th scope=\"col\"\(kind)>\(HTML.escaped(column.title))</th>"
    }.joined()
    let caption = HTML.escaped(caption)
    return
      "<div class=\"scroll\(isLong ? " tall" : "")\" role=\"region\" tabindex=\"0\" aria-label=\"\(caption)\">"
      + "<table class=\"sort\"\(name.map { " id=\"\($0)\"" } ?? "")>"
      + "<caption\(showsCaption ? "" : " class=\"unseen\"")>\(caption)</caption>"
      + "<thead><tr>\(head)</tr></thead>\n<tbody>\n\(body)</tbody></table></div>\n"
  }
}

extension SHA256 {
  /// As a content security policy names the one style sheet or script that it allows.
  static func integrity(_ text: String) -> String {
    let digits = Array(hash(text).hex.utf8)
    let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
    }
    return "sha256-\(Data(bytes).base64EncodedString())"
  }
}
