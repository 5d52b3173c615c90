import Core
import Foundation
import Imaging
import Overlap
import TestSupport
import Testing

struct ReviewPageTests {
  private func content(_ html: Data) throws -> [String: Any] {
    let text = String(decoding: html, as: UTF8.self)
    let start = try #require(text.range(of: #"<script type="application/json" id="data">"#))
    let end = try #require(text.range(of: "</script>", range: start.upperBound..<text.endIndex))
    return try #require(
      JSONSerialization.jsonObject(
        with: Data(text[start.upperBound..<end.lowerBound].utf8)) as? [String: Any])
  }

  @Test("names of files cannot become markup, and nothing is fetched")
  func escaping() throws {
    let evil = #"</script><img src=x onerror=alert(1)>&"@@DATA@@.png"#
    let page = try ReviewPage(
      [DuplicatePair(query: evil, reference: "b", score: 0.5, detector: "cells")], title: evil,
      queryCount: 3, limit: 10, queryImage: { _ in nil }, referenceImage: { _ in nil })
    let text = String(decoding: page.html, as: UTF8.self)
    #expect(!text.contains("<img src=x") && !text.contains("://"))
    #expect(text.components(separatedBy: "</script>").count == 3)
    let data = try content(page.html)
    let pair = try #require((data["pairs"] as? [[String: Any]])?.first)
    #expect(pair["query"] as? String == evil && pair["left"] as? Int == -1)
    #expect(data["title"] as? String == evil && data["queryCount"] as? Int == 3)
  }

  @Test("pictures are embedded once each, as JPEG")
  func pictures() throws {
    let url = Expected.folder.appending(path: "queries/picture-0.png")
    let pairs = (0..<3).map {
      DuplicatePair(query: "a", reference: "r\($0)", score: 0.9, detector: "cells")
    }
    let page = try ReviewPage(
      pairs, title: "t", queryCount: 1, limit: 10, queryImage: { _ in .file(url) },
      referenceImage: { $0 == 0 ? .file(URL(filePath: "/nowhere.png")) : nil })
    let data = try content(page.html)
    let pictures = try #require(data["pictures"] as? [String])
    #expect(pictures.count == 1)
    let jpeg = try #require(Data(base64Encoded: pictures[0]))
    let image = try jpeg.withUnsafeBytes { try ImageDecoder.decode(bytes: $0, name: "page") }
    #expect(image.width == 64 && image.height == 64)
  }

  @Test("of many pairs a sample over the range of scores, and counts of all")
  func sample() throws {
    // 1000 pairs near 0.5, 5 near 1.
    let pairs = (0..<1005).map { i in
      DuplicatePair(
        query: "q\(i % 100)", reference: "r\(i)",
        score: i < 1000 ? 0.5 + Double(i) * 1e-5 : 0.99 + Double(i - 1000) * 1e-3,
        detector: "cells")
    }
    let page = try ReviewPage(
      pairs, title: "t", queryCount: 100, limit: 40, queryImage: { _ in nil },
      referenceImage: { _ in nil })
    let data = try content(page.html)
    let shown = try #require(data["pairs"] as? [[String: Any]]).compactMap {
      $0["score"] as? Double
    }
    #expect(shown.count == 40 && shown == shown.sorted(by: >))
    #expect(shown.filter { $0 > 0.9 }.count == 5)
    let curve = try #require((data["curves"] as? [[String: Any]])?.first)
    let counts = try #require(curve["pairs"] as? [Int])
    let thresholds = try #require(curve["thresholds"] as? [Double])
    let queries = try #require(curve["queries"] as? [Int])
    // What the page prints with three digits is what it counts.
    #expect(thresholds.allSatisfy { Double(String(format: "%.3f", $0)) == $0 })
    #expect(thresholds.count < 210 && thresholds.first == 0.5 && thresholds.last == 1)
    #expect(counts.first == 1005 && queries.first == 100 && thresholds == thresholds.sorted())
    let place = try #require(thresholds.firstIndex { $0 > 0.6 })
    #expect(counts[place] == 5 && queries[place] == 5)
  }

  @Test("pairs survive their file, commas and quotes included; damage is told with its line")
  func file() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appending(path: "pairs.csv")
    let pairs = [
      DuplicatePair(
        query: "a,\"b\"\n.png", reference: "s.tar#é", score: 0.123456, detector: "cells"),
      DuplicatePair(query: "x", reference: "y", score: 1, detector: "registered"),
    ]
    try PairsFile.write(pairs, to: url)
    #expect(try PairsFile.read(url) == pairs)
    // Six digits would put both on the other side of the threshold that found them.
    let exact = [0.8515625, Double(Float(0.98).nextDown)].map {
      DuplicatePair(query: "a", reference: "b", score: $0, detector: "phash-256")
    }
    try PairsFile.write(exact, to: url)
    #expect(try PairsFile.read(url) == exact)
    for (text, line) in [
      ("query,reference,score,detector\nа,b,high,cells\n", ":2"), ("query,score\n", ":1"),
      ("query,reference,score,detector\n\"a\nb\",c,1,d\ne,f,1\n", ":4"),
    ] {
      try Data(text.utf8).write(to: url)
      let error = #expect(throws: EvalError.self) { try PairsFile.read(url) }
      #expect(error?.kind == .malformedData && error?.subject?.hasSuffix(line) == true)
    }
  }
}
