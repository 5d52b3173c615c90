/// Which of ImageNet's classes stand for the classes of datasets that have fewer and wider ones (from imagenet-testbed's
/// `src/eval_settings`, MIT licence). `Tools/make-robustness-tables.py` wrote the tables: numbers among
/// ImageNet's 1000, and the class.
enum ImageNetClassMaps {
  /// By class id of the dataset, the WordNet ids; nil for other datasets. A class that is not there is none of ImageNet's.
  static func map(of dataset: String) -> [String: [String]]? {
    switch dataset {
    case "ObjectNet": objectNet
    case "ImageNet-Vid-Robust": imageNetVid
    case "YTBB-Robust": ytbb
    default: nil
    }
  }

  private static let objectNet = parsed(
    """
    409,530 alarm_clock
    414 backpack
    954 banana
    419 band_aid
    790 basket
    440 beer_bottle
    703 bench
    444,671 bicycle
    446 binder_closed
    455 bottle_cap
    930 bread_loaf
    462 broom
    463 bucket
    499 butchers_knife
    473 can_opener
    470 candle
    487 cellphone
    423,559,765 chair
    588 clothes_hamper
    550 coffee_french_press
    507 combination_lock
    673 computer_mouse
    846 desk_lamp
    539 doormat
    578 dress
    630 dress_shoe_men
    740 drill
    968 drinking_cup
    729 drying_rack_for_dishes
    549 envelope
    545 fan
    567 frying_pan
    434 full_sized_towel
    589 hair_dryer
    587 hammer
    533 hand_towel_or_rag
    518,560 helmet
    606 iron_for_clothes
    608 jeans
    508 keyboard
    618 ladle
    619 lampshade
    620 laptop_open
    951 lemon
    623 letter_opener
    626 lighter
    629 lipstick
    644 match
    647 measuring_cup
    651 microwave
    659 mixing_salad_bowl
    664 monitor
    504 mug
    677 nail_fastener
    679 necklace
    950 orange
    695 padlock
    696 paintbrush
    700 paper_towel
    418,563,749 pen
    720 pill_bottle
    721 pillow
    725 pitcher
    728 plastic_bag
    923 plate
    731 plunger
    737 pop_can
    811 portable_heater
    742 printer
    761 remote_control
    769 ruler
    770 running_shoe
    772 safety_pin
    773 salt_shaker
    774 sandal
    783 screw
    792 shovel
    601,655,689 skirt
    797 sleeping_bag
    804 soap_dispenser
    806 sock
    809 soup_bowl
    813 spatula
    632 speaker
    732,759 still_camera
    828 strainer
    850 stuffed_animal
    834 suit_jacket
    837 sunglasses
    841 sweater
    842 swimming_trunks
    610 t-shirt
    849 teapot
    752 tennis_racket
    457,906 tie
    859 toaster
    999 toilet_paper_roll
    412 trash_bin
    868 tray
    851 tv
    879 umbrella
    882 vacuum_cleaner
    883 vase
    893 wallet
    531 watch
    898 water_bottle
    543 weight_exercise
    778 weight_scale
    479,694 wheel
    902 whistle
    907 wine_bottle
    658 winter_glove
    909 wok
    """)

  private static let imageNetVid = parsed(
    """
    404 airplane
    351-353 antelope
    294-297 bear
    444,671 bicycle
    7-24,80-100,127-146 bird
    654,779,874 bus
    407,436,468,511,609,627,656,661,751,817 car
    345 cattle
    151-268 dog
    281-285 domestic cat
    385-386 elephant
    277-280 fox
    388 giant panda
    333 hamster
    339 horse
    291 lion
    38-48 lizard
    370-382 monkey
    665 motorcycle
    330,332 rabbit
    387 red panda
    348 sheep
    52-68 snake
    335 squirrel
    292 tiger
    466 train
    33-37 turtle
    403,472,484,510,554,576,625,628,724,780,814,833,871,913-914 watercraft
    147-148 whale
    340 zebra
    """)

  private static let ytbb = parsed(
    """
    981-983 person
    7-24,80-100,127-146 bird
    444,671 bicycle
    472,554,576,625,814,914 boat
    654,779,874 bus
    294-297 bear
    281-287 cat
    985-986 potted plant
    339 horse
    665 motorcycle
    499,623 knife
    404 airplane
    466 train
    555,569,675,717,734,864,867 truck
    340 zebra
    151-268 dog
    385-386 elephant
    879 umbrella
    407,436,468,511,609,627,656,661,751,817 car
    """)

  private static func parsed(_ table: String) -> [String: [String]] {
    var map: [String: [String]] = [:]
    for line in table.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let numbers = parts[0].split(separator: ",").flatMap { run in
        let ends = run.split(separator: "-").compactMap { Int($0) }
        return Array((ends.first ?? 0)...(ends.last ?? 0))
      }
      map[String(parts[1])] = numbers.map { ImageNetClasses.ids[$0] }
    }
    return map
  }
}
