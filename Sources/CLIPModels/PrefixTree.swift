/// Token sequences merged where they begin alike: every distinct prefix is one node.
///
/// Under the causal mask a token's activations depend on its prefix alone, so a text tower that computes each node once
/// computes all the sequences. Nodes are in depth-first order, so that what a node attends to lies close before it.
struct PrefixTree {
  /// What a sequence adds to those before it.
  struct Branch {
    /// The sequence's nodes, from the first token to the end token.
    let path: [Int32]
    /// Those of them that no sequence before it has: consecutive, the last of `path`. May be none.
    let new: Range<Int>

    var end: Int { Int(path[path.count - 1]) }
  }

  /// The token of each node, and its position in its sequences.
  private(set) var tokens: [(token: Int32, position: Int)] = []
  private(set) var branches: [Branch] = []

  var nodeCount: Int { tokens.count }

  /// Adds a sequence that is not less than the last one added, in lexicographic order.
  ///
  /// - Parameter shared: tokens that it begins with in common with the last one.
  private mutating func append(_ sequence: [Int32], shared: Int) {
    let first = tokens.count
    tokens += zip(sequence, sequence.indices).dropFirst(shared).map { ($0, $1) }
    let old = branches.last?.path.prefix(shared) ?? []
    branches.append(
      Branch(
        path: old + (first..<tokens.count).map { Int32($0) }, new: first..<tokens.count))
  }

  /// A tree of some of the sequences, and which they are.
  struct Block {
    var tree = PrefixTree()
    /// Indices of the sequences, in the order of the tree's branches.
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
