/// The 113 of ObjectNet's 313 classes that ImageNet has too: folder and ObjectNet's own name (from imagenet-testbed's
/// `objectnet_metadata`, MIT licence).
enum ObjectNetClasses {
  /// In the order of the folders' names, which are the ids.
  static let overlap: [DatasetClass] = table.split(separator: "\n").compactMap { line in
    let parts = line.split(separator: " ", maxSplits: 1)
    return parts.count == 2
      ? DatasetClass(id: String(parts[0]), name: String(parts[1])) : nil
  }

  private static let table = """
    alarm_clock Alarm clock
    backpack Backpack
    banana Banana
    band_aid Band Aid
    basket Basket
    beer_bottle Beer bottle
    bench Bench
    bicycle Bicycle
    binder_closed Binder (closed)
    bottle_cap Bottle cap
    bread_loaf Bread loaf
    broom Broom
    bucket Bucket
    butchers_knife Butcher's knife
    can_opener Can opener
    candle Candle
    cellphone Cellphone
    chair Chair
    clothes_hamper Clothes hamper
    coffee_french_press Coffee/French press
    combination_lock Combination lock
    computer_mouse Computer mouse
    desk_lamp Desk lamp
    doormat Doormat
    dress Dress
    dress_shoe_men Dress shoe (men)
    drill Drill
    drinking_cup Drinking Cup
    drying_rack_for_dishes Drying rack for plates
    envelope Envelope
    fan Fan
    frying_pan Frying pan
    full_sized_towel Bath towel
    hair_dryer Hair dryer
    hammer Hammer
    hand_towel_or_rag Dishrag or hand towel
    helmet Helmet
    iron_for_clothes Iron (for clothes)
    jeans Jeans
    keyboard Keyboard
    ladle Ladle
    lampshade Lampshade
    laptop_open Laptop (open)
    lemon Lemon
    letter_opener Letter opener
    lighter Lighter
    lipstick Lipstick
    match Match
    measuring_cup Measuring cup
    microwave Microwave
    mixing_salad_bowl Mixing / Salad Bowl
    monitor Monitor
    mug Mug
    nail_fastener Nail (fastener)
    necklace Necklace
    orange Orange
    padlock Padlock
    paintbrush Paintbrush
    paper_towel Paper towel
    pen Pen
    pill_bottle Pill bottle
    pillow Pillow
    pitcher Pitcher
    plastic_bag Plastic bag
    plate Plate
    plunger Plunger
    pop_can Pop can
    portable_heater Portable heater
    printer Printer
    remote_control Remote control
    ruler Ruler
    running_shoe Running shoe
    safety_pin Safety pin
    salt_shaker Salt shaker
    sandal Sandal
    screw Screw
    shovel Shovel
    skirt Skirt
    sleeping_bag Sleeping bag
    soap_dispenser Soap dispenser
    sock Sock
    soup_bowl Soup Bowl
    spatula Spatula
    speaker Speaker
    still_camera Still Camera
    strainer Strainer
    stuffed_animal Stuffed animal
    suit_jacket Suit jacket
    sunglasses Sunglasses
    sweater Sweater
    swimming_trunks Swimming trunks
    t-shirt T-shirt
    teapot Teapot
    tennis_racket Tennis racket
    tie Tie
    toaster Toaster
    toilet_paper_roll Toilet paper roll
    trash_bin Trash bin
    tray Tray
    tv TV
    umbrella Umbrella
    vacuum_cleaner Vacuum cleaner
    vase Vase
    wallet Wallet
    watch Watch
    water_bottle Water bottle
    weight_exercise Weight (exercise)
    weight_scale Weight scale
    wheel Wheel
    whistle Whistle
    wine_bottle Wine bottle
    winter_glove Winter glove
    wok Wok
    """
}
