import Foundation

/// The classes of UCF101 and the names of its clips.
enum UCF101Classes {
  /// `classInd.txt`, in its order.
  static let ids = [
    "ApplyEyeMakeup", "ApplyLipstick", "Archery", "BabyCrawling", "BalanceBeam",
    "BandMarching", "BaseballPitch", "Basketball", "BasketballDunk", "BenchPress", "Biking",
    "Billiards", "BlowDryHair", "BlowingCandles", "BodyWeightSquats", "Bowling",
    "BoxingPunchingBag", "BoxingSpeedBag", "BreastStroke", "BrushingTeeth", "CleanAndJerk",
    "CliffDiving", "CricketBowling", "CricketShot", "CuttingInKitchen", "Diving", "Drumming",
    "Fencing", "FieldHockeyPenalty", "FloorGymnastics", "FrisbeeCatch", "FrontCrawl",
    "GolfSwing", "Haircut", "HammerThrow", "Hammering", "HandstandPushups",
    "HandstandWalking", "HeadMassage", "HighJump", "HorseRace", "HorseRiding", "HulaHoop",
    "IceDancing", "JavelinThrow", "JugglingBalls", "JumpRope", "JumpingJack", "Kayaking",
    "Knitting", "LongJump", "Lunges", "MilitaryParade", "Mixing", "MoppingFloor", "Nunchucks",
    "ParallelBars", "PizzaTossing", "PlayingCello", "PlayingDaf", "PlayingDhol",
    "PlayingFlute", "PlayingGuitar", "PlayingPiano", "PlayingSitar", "PlayingTabla",
    "PlayingViolin", "PoleVault", "PommelHorse", "PullUps", "Punch", "PushUps", "Rafting",
    "RockClimbingIndoor", "RopeClimbing", "Rowing", "SalsaSpin", "ShavingBeard", "Shotput",
    "SkateBoarding", "Skiing", "Skijet", "SkyDiving", "SoccerJuggling", "SoccerPenalty",
    "StillRings", "SumoWrestling", "Surfing", "Swing", "TableTennisShot", "TaiChi",
    "TennisSwing", "ThrowDiscus", "TrampolineJumping", "Typing", "UnevenBars",
    "VolleyballSpiking", "WalkingWithDog", "WallPushups", "WritingOnBoard", "YoYo",
  ]

  static let classes = ids.map { DatasetClass(id: $0, name: words($0)) }

  private static let labels = Dictionary(
    uniqueKeysWithValues: ids.enumerated().map { (key($1), $0) })

  /// Also of `HandStandPushups` for `HandstandPushups`, and of `Handstand_Pushups`, as CoOp names folders.
  static func label(_ name: some StringProtocol) -> Int? { labels[key(name)] }

  private static func key(_ name: some StringProtocol) -> String {
    String(name).filter { $0 != "_" && $0 != " " }.lowercased()
  }

  /// `Apply Eye Makeup` of `ApplyEyeMakeup`.
  private static func words(_ id: String) -> String {
    id.reduce(into: "") { text, character in
      if character.isUppercase, !text.isEmpty { text += " " }
      text.append(character)
    }
  }

  /// What `v_ApplyEyeMakeup_g08_c01.avi` says of a clip.
  struct Name {
    var label: Int
    /// Clips of one class and group were cut from the same video, or show the same people.
    var group: String

    init?(_ path: String) {
      let fields = VideoFiles.stem(path).split(separator: "_", omittingEmptySubsequences: false)
      guard fields.count >= 4, fields[0] == "v",
        Self.isNumber(fields[fields.count - 2], after: "g"),
        Self.isNumber(fields[fields.count - 1], after: "c"),
        let label = UCF101Classes.label(fields[1..<(fields.count - 2)].joined())
      else { return nil }
      self.label = label
      group = "\(UCF101Classes.ids[label])_\(fields[fields.count - 2])"
    }

    private static func isNumber(_ field: Substring, after letter: Character) -> Bool {
      field.first == letter && field.count > 1 && field.dropFirst().allSatisfy(\.isNumber)
    }
  }
}
