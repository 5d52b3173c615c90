/// Shapley's division of what a coalition gains among its players: of each, what it adds, averaged over all orders in which they may join
/// (Shapley 1953). The parts sum to what all gain together, exactly.
///
/// A coalition is a number whose bit `i` says that player `i` is in it; a game is a value for each, 2^k of k players.
package enum Shapley {
  /// More would be more than 65,536 coalitions.
  package static let mostPlayers = 16

  /// Of each player, how much each coalition's value counts for its part: parts are sums of values by these, so that what is known of the
  /// values' spread says what the parts' is.
  package static func weights(players: Int) -> [[Double]] {
    guard (1...mostPlayers).contains(players) else { return [] }
    // |S|! (k − |S| − 1)! / k!, by |S|: the share of orders in which just S comes before the player.
    var share = [Double](repeating: 1 / Double(players), count: players)
    for size in 1..<max(players, 1) where size < players {
      share[size] = share[size - 1] * Double(size) / Double(players - size)
    }
    return (0..<players).map { player in
      (0..<1 << players).map { coalition in
        let size = coalition.nonzeroBitCount
        return coalition & 1 << player == 0 ? -share[size] : share[size - 1]
      }
    }
  }

  /// - Parameter values: of the coalitions by their number, 2^k.
  /// - Returns: each player's part; nil where the count is no power of two or too large.
  package static func parts(_ values: [Double]) -> [Double]? {
    let players = values.count.trailingZeroBitCount
    guard players <= mostPlayers, values.count == 1 << players else { return nil }
    return weights(players: players).map { weights in
      zip(weights, values).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }
}
