import Core
import Foundation
import Synchronization

/// Progress on standard error: a bar with rate and time left on a terminal, a plain line every few seconds
/// elsewhere.
final class ProgressDisplay: ProgressSink {
  private struct State {
    var label = ""
    var unit = ProgressUnit.items
    var total = 0
    var done = 0
    var computed = 0
    var unreadable = 0
    var started = ContinuousClock.now
    var shown = ContinuousClock.now

    /// Done of all, as far as the total is known.
    var counts: String {
      switch unit {
      case .items: "\(done)/\(total)"
      case .bytes: total > 0 ? "\(amount(done)) of \(amount(total))" : amount(done)
      }
    }

    func amount(_ count: Int) -> String {
      unit == .bytes ? ByteCount.text(count) : "\(count)"
    }

    func rate(_ perSecond: Double) -> String {
      unit == .bytes
        ? "\(ByteCount.text(Int(perSecond)))/s" : String(format: "%.1f/s", perSecond)
    }
  }
  private let state = Mutex(State())
  private let interval: Duration = Terminal.isInteractive ? .milliseconds(100) : .seconds(5)

  func begin(_ label: String, total: Int) { begin(label, total: total, unit: .items) }

  func begin(_ label: String, total: Int, unit: ProgressUnit) {
    state.withLock { $0 = State(label: label, unit: unit, total: total) }
  }

  func advance(_ count: Int, cached: Bool) {
    advance(by: count) { if !cached { $0.computed += count } }
  }

  func advanceUnreadable(_ count: Int) { advance(by: count) { $0.unreadable += count } }

  private func advance(by count: Int, _ change: (inout State) -> Void) {
    state.withLock { state in
      state.done += count
      change(&state)
      let now = ContinuousClock.now
      guard now - state.shown >= interval else { return }
      state.shown = now
      show(state, now: now)
    }
  }

  func end() {
    state.withLock { state in
      if Terminal.isInteractive { Terminal.write("\r\u{1B}[K") }
      let seconds = (ContinuousClock.now - state.started).inSeconds
      let cached = state.done - state.computed - state.unreadable
      var line = "\(state.label): \(state.counts)"
      if state.computed > 0 {
        line += String(format: ", %.1f s, ", seconds)
        line += state.rate(Double(state.computed) / max(seconds, 1e-9))
      }
      if cached > 0 {
        line += ", \(state.amount(cached)) "
        line += state.unit == .bytes ? "from before" : "from the cache"
      }
      if state.unreadable > 0 { line += ", \(state.amount(state.unreadable)) unreadable" }
      Terminal.error(line)
    }
  }

  private func show(_ state: State, now: ContinuousClock.Instant) {
    let rate = Double(state.computed) / max((now - state.started).inSeconds, 1e-9)
    let left = rate > 0 ? Double(state.total - state.done) / rate : nil
    let tail =
      " \(state.counts) \(state.rate(rate))"
      + (left.flatMap { $0 >= 0 ? " ETA \(Self.clock($0))" : nil } ?? "")
    guard Terminal.isInteractive else {
      Terminal.error("\(state.label):\(tail)")
      return
    }
    let room = max(0, min(40, Terminal.width - state.label.count - tail.count - 4))
    let filled = state.total > 0 ? min(room, room * state.done / state.total) : 0
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: room - filled)
    Terminal.write("\r\u{1B}[K\(state.label) \(bar)\(tail)")
  }

  private static func clock(_ seconds: Double) -> String {
    let s = Int(seconds.rounded(.up))
    return s >= 3600
      ? String(format: "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60)
      : String(format: "%d:%02d", s / 60, s % 60)
  }
}
