import Foundation
import Statistics
import TestSupport
import Testing

/// Against `Tools/make-attribution-fixtures.py`, which goes through every order of the players.
struct ShapleyTests {
  private struct Game: Decodable {
    var values: [Double]
    var parts: [Double]
  }

  private static func games() throws -> [String: Game] {
    try JSONDecoder().decode(
      [String: Game].self,
      from: Data(contentsOf: TestPaths.fixtures.appending(path: "attribution/games.json")))
  }

  @Test("parts are the averages over all orders, and sum to the whole")
  func parts() throws {
    let games = try Self.games()
    #expect(games.count == 8)
    for (name, game) in games {
      let parts = try #require(Shapley.parts(game.values))
      #expect(parts.count == game.parts.count)
      for (found, expected) in zip(parts, game.parts) {
        #expect(abs(found - expected) < 1e-12, "\(name)")
      }
      let whole = try #require(game.values.last) - (try #require(game.values.first))
      #expect(abs(parts.reduce(0, +) - whole) < 1e-12, "\(name)")
    }
  }

  @Test("what adds up is divided as it adds up; what only both do, in halves")
  func known() throws {
    let additive = try #require(Shapley.parts([0, 0.061, -0.012, 0.049]))
    #expect(abs(additive[0] - 0.061) < 1e-15 && abs(additive[1] + 0.012) < 1e-15)
    let joint = try #require(Shapley.parts([0.5, 0.5, 0.5, 0.56]))
    #expect(abs(joint[0] - 0.03) < 1e-15 && abs(joint[1] - 0.03) < 1e-15)
    #expect(Shapley.parts([0.25, 0.5]) == [0.25])
  }

  @Test("what is no game has no parts")
  func none() {
    #expect(Shapley.parts([]) == nil)
    #expect(Shapley.parts([1, 2, 3]) == nil)
    #expect(Shapley.parts([1]) == [])
    #expect(Shapley.weights(players: 0).isEmpty)
    #expect(Shapley.weights(players: Shapley.mostPlayers + 1).isEmpty)
  }
}
