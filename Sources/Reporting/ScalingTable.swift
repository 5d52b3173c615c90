/// What figures about scale are made of, as a table.
package enum ScalingTable {
  package struct Line: Sendable {
    package var model: String
    package var family: String
    package var gflops: Double
    /// Where the cost is from: `paper`, `computed`.
    package var source: String
    /// One a column; nil where a model has none.
    package var scores: [Double?]

    package init(
      model: String, family: String, gflops: Double, source: String, scores: [Double?]
    ) {
      self.model = model
      self.family = family
      self.gflops = gflops
      self.source = source
      self.scores = scores
    }
  }

  /// - Parameter columns: what each score is.
  package static func text(_ lines: [Line], columns: [String]) -> String {
    var table = MarkdownTable(
      [("Model", .left), ("Family", .left), ("GFLOPs", .right), ("from", .left)]
        + columns.map { (Markdown.escaped($0), .right) })
    for line in lines {
      table.append(
        [
          Markdown.escaped(line.model), line.family,
          FixedPoint.shortest(
            line.gflops, decimals: line.gflops < 1 ? 4 : line.gflops < 10 ? 2 : 1),
          line.source,
        ] + line.scores.map { Percent.text($0) })
    }
    return table.text
  }

  package static let caption =
    "Means in %. GFLOPs are multiply-adds of one image in 10⁹, as the paper counts them: its own numbers where it has any (ResNets printed, ViTs read off its Figure 10), else computed from the model's shape (convolutions, linear layers, attention)."
}
