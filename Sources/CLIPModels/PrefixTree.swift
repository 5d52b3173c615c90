/// Token sequences merged where they begin alike: every distinct prefix is one node.
///
/// Under the causal mask a token's activations depend on its prefix alone, so a text tower that computes each node once
/// computes all the sequences. Nodes are in depth-first order, so that what a node attends to lies close before it.
struct PrefixTree {
  /// The token of each node.
  private(set) var tokens: [Int32] = []
  /// The nodes from the root to each node, itself included, one list after the other.
  private(set) var paths: [Int32] = []
  /// Where each node's list begins in `paths`; one more at the end.
  private(set) var pathStarts: [Int] = [0]
  /// The node each sequence ends at.
  private(set) var ends: [Int] = []

  var nodeCount: Int { tokens.count }

  /// A node's position in its sequences, from 0.
  func depth(_ node: Int) -> Int { pathStarts[node + 1] - pathStarts[node] - 1 }

  func path(_ node: Int) -> Range<Int> { pathStarts[node]..<pathStarts[node + 1] }

  /// Adds a sequence that is not less than the last one added, in lexicographic order.
  ///
  /// - Parameter shared: tokens that it begins with in common with the last one.
  private mutating func append(_ sequence: [Int32], shared: Int) {
    var path: [Int32] = []
    if let last = ends.last { path += paths[self.path(last)].prefix(shared) }
    for token in sequence.dropFirst(shared) {
      path.append(Int32(tokens.count))
      tokens.append(token)
      paths += path
      pathStarts.append(paths.count)
    }
    ends.append(Int(path[path.count - 1]))
  }

  /// A tree of some of the sequences, and which they are.
  struct Block {
    var tree = PrefixTree()
    /// Indices of the sequences, in the order of the tree's `ends`.
    var sequences: [Int] = []
  }

  /// Trees of at most `maximumNodes` nodes that together hold every sequence, neighbours in lexicographic order together.
  ///
  /// - Precondition: no sequence is empty or longer than `maximumNodes`.
  static func blocks(_ sequences: [[Int32]], maximumNodes: Int) -> [Block] {
    let order = sequences.indices.sorted {
      sequences[$0].lexicographicallyPrecedes(sequences[$1])
    }
    var blocks: [Block] = []
    var block = Block()
    var previous: [Int32] = []
    for index in order {
      let sequence = sequences[index]
      var shared = zip(previous, sequence).prefix { $0 == $1 }.count
      if block.tree.nodeCount + sequence.count - shared > maximumNodes {
        blocks.append(block)
        block = Block()
        shared = 0
      }
      block.tree.append(sequence, shared: shared)
      block.sequences.append(index)
      previous = sequence
    }
    if !block.sequences.isEmpty { blocks.append(block) }
    return blocks
  }
}
