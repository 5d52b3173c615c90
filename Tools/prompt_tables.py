"""Tables for make-prompts.py: facts about the datasets that pair their class ids with names of OpenAI's and LAION's prompts.

Each pair was read. Where an id follows from a name by a rule, the rule stands in make-prompts.py and only exceptions are here.
"""

CALTECH101 = {  # folder: OpenAI's name, where it is not the folder's own
    "BACKGROUND_Google": "background", "Faces": "off-center face", "Faces_easy": "centered face",
    "Leopards": "leopard", "Motorbikes": "motorbike", "airplanes": "airplane", "car_side": "side of a car",
    "cougar_body": "body of a cougar cat", "cougar_face": "face of a cougar cat",
    "crocodile_head": "head of a  crocodile", "flamingo_head": "head of a flamingo",
    "snoopy": "snoopy (cartoon beagle)", "yin_yang": "yin and yang symbol",
}
EUROSAT = {
    "AnnualCrop": "annual crop land", "Forest": "forest", "HerbaceousVegetation": "brushland or shrubland",
    "Highway": "highway or road", "Industrial": "industrial buildings or commercial buildings",
    "Pasture": "pasture land", "PermanentCrop": "permanent crop land",
    "Residential": "residential buildings or homes or apartments", "River": "river", "SeaLake": "lake or sea",
}
FER2013 = {"angry": "angry", "disgust": "disgusted", "fear": "fearful", "happy": "happy", "sad": "sad",
           "surprise": "surprised", "neutral": "neutral"}  # id: first of the names, in the order of Kaggle's numbers
PACS = ["dog", "elephant", "giraffe", "guitar", "horse", "house", "person"]

# Distance of the closest car, van or truck, in the order of VTAB's labels 0 to 3.
KITTI = {
    "below_8": "a photo i took of a car on my left or right side.",
    "below_20": "a photo i took with a car nearby.",
    "above_20": "a photo i took with a car in the distance.",
    "no_vehicle": "a photo i took with no car.",
}
PCAM = {"0": "lymph node", "1": "lymph node containing metastatic tumor tissue"}
HATEFUL_MEMES = {"0": "meme", "1": "hatespeech meme"}
RENDERED_SST2 = {"negative": "0", "positive": "1"}  # id: label of SST-2
DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]

# Other spellings in circulation: TensorFlow Datasets' labels, and the cat_to_name.json of many copies.
FLOWERS102_ALIASES = {"60": ["pink-yellow dahlia", "pink-yellow dahlia?"], "78": ["lotus lotus"], "93": ["ball moss"]}

# UCF101's list of classes and its folders say Handstand, its video files HandStand, and OpenAI's name follows the latter.
UCF101 = {"HandstandPushups": "Hand Stand Pushups"}
UCF101_ALIASES = {"HandstandPushups": ["HandStandPushups", "Handstand Pushups"]}

# The classes of SUN397's ClassName.txt that are folders within a folder; all others are one folder.
SUN397_NESTED = """
apartment_building/outdoor apse/indoor arrival_gate/outdoor athletic_field/outdoor atrium/public badminton_court/indoor
bakery/shop balcony/exterior balcony/interior basketball_court/outdoor bazaar/indoor bazaar/outdoor bistro/indoor
booth/indoor bow_window/indoor bow_window/outdoor brewery/indoor cabin/outdoor canal/natural canal/urban
car_interior/backseat car_interior/frontseat casino/indoor cathedral/indoor cathedral/outdoor cavern/indoor
chicken_coop/indoor chicken_coop/outdoor church/indoor church/outdoor cloister/indoor control_tower/outdoor
covered_bridge/exterior cubicle/office desert/sand desert/vegetation diner/indoor diner/outdoor dinette/home
dinette/vehicle doorway/outdoor driving_range/outdoor elevator/door elevator/interior escalator/indoor factory/indoor
field/cultivated field/wild firing_range/indoor florist_shop/indoor forest/broadleaf forest/needleleaf garage/indoor gazebo/exterior
general_store/indoor general_store/outdoor greenhouse/indoor greenhouse/outdoor gymnasium/indoor hangar/indoor
hangar/outdoor hot_tub/outdoor hotel/outdoor hunting_lodge/outdoor ice_skating_rink/indoor ice_skating_rink/outdoor
inn/outdoor jacuzzi/indoor jail/indoor kennel/indoor kennel/outdoor labyrinth/outdoor lake/natural library/indoor
library/outdoor lido_deck/outdoor market/indoor market/outdoor moat/water monastery/outdoor mosque/indoor mosque/outdoor
movie_theater/indoor museum/indoor nuclear_power_plant/outdoor observatory/outdoor oil_refinery/outdoor outhouse/outdoor
parking_garage/indoor parking_garage/outdoor pilothouse/indoor planetarium/outdoor podium/indoor podium/outdoor
poolroom/establishment poolroom/home power_plant/outdoor pub/indoor shopping_mall/indoor stadium/baseball
stadium/football stage/indoor subway_station/platform swimming_pool/indoor swimming_pool/outdoor synagogue/indoor
synagogue/outdoor temple/east_asia temple/south_asia tennis_court/indoor tennis_court/outdoor tent/outdoor
theater/indoor_procenium theater/indoor_seats track/outdoor train_station/platform underwater/coral_reef
volleyball_court/indoor volleyball_court/outdoor warehouse/indoor waterfall/block waterfall/fan waterfall/plunge
wine_cellar/barrel_storage wine_cellar/bottle_storage wrestling_ring/indoor
""".split()

# Country211's folders, ISO 3166-1 alpha-2 (XK is the user-assigned code of Kosovo), held against the table of the tz database.
COUNTRY211 = """
AD Andorra|AE United Arab Emirates|AF Afghanistan|AG Antigua and Barbuda|AI Anguilla|AL Albania|AM Armenia|AO Angola
AQ Antarctica|AR Argentina|AT Austria|AU Australia|AW Aruba|AX Aland Islands|AZ Azerbaijan|BA Bosnia and Herzegovina
BB Barbados|BD Bangladesh|BE Belgium|BF Burkina Faso|BG Bulgaria|BH Bahrain|BJ Benin|BM Bermuda|BN Brunei Darussalam
BO Bolivia|BQ Bonaire, Saint Eustatius and Saba|BR Brazil|BS Bahamas|BT Bhutan|BW Botswana|BY Belarus|BZ Belize|CA Canada
CD DR Congo|CF Central African Republic|CH Switzerland|CI Cote d'Ivoire|CK Cook Islands|CL Chile|CM Cameroon|CN China
CO Colombia|CR Costa Rica|CU Cuba|CV Cabo Verde|CW Curacao|CY Cyprus|CZ Czech Republic|DE Germany|DK Denmark|DM Dominica
DO Dominican Republic|DZ Algeria|EC Ecuador|EE Estonia|EG Egypt|ES Spain|ET Ethiopia|FI Finland|FJ Fiji
FK Falkland Islands|FO Faeroe Islands|FR France|GA Gabon|GB United Kingdom|GD Grenada|GE Georgia|GF French Guiana
GG Guernsey|GH Ghana|GI Gibraltar|GL Greenland|GM Gambia|GP Guadeloupe|GR Greece
GS South Georgia and South Sandwich Is.|GT Guatemala|GU Guam|GY Guyana|HK Hong Kong|HN Honduras|HR Croatia|HT Haiti
HU Hungary|ID Indonesia|IE Ireland|IL Israel|IM Isle of Man|IN India|IQ Iraq|IR Iran|IS Iceland|IT Italy|JE Jersey
JM Jamaica|JO Jordan|JP Japan|KE Kenya|KG Kyrgyz Republic|KH Cambodia|KN St. Kitts and Nevis|KP North Korea
KR South Korea|KW Kuwait|KY Cayman Islands|KZ Kazakhstan|LA Laos|LB Lebanon|LC St. Lucia|LI Liechtenstein|LK Sri Lanka
LR Liberia|LT Lithuania|LU Luxembourg|LV Latvia|LY Libya|MA Morocco|MC Monaco|MD Moldova|ME Montenegro|MF Saint-Martin
MG Madagascar|MK Macedonia|ML Mali|MM Myanmar|MN Mongolia|MO Macau|MQ Martinique|MR Mauritania|MT Malta|MU Mauritius
MV Maldives|MW Malawi|MX Mexico|MY Malaysia|MZ Mozambique|NA Namibia|NC New Caledonia|NG Nigeria|NI Nicaragua
NL Netherlands|NO Norway|NP Nepal|NZ New Zealand|OM Oman|PA Panama|PE Peru|PF French Polynesia|PG Papua New Guinea
PH Philippines|PK Pakistan|PL Poland|PR Puerto Rico|PS Palestine|PT Portugal|PW Palau|PY Paraguay|QA Qatar|RE Reunion
RO Romania|RS Serbia|RU Russia|RW Rwanda|SA Saudi Arabia|SB Solomon Islands|SC Seychelles|SD Sudan|SE Sweden|SG Singapore
SH St. Helena|SI Slovenia|SJ Svalbard and Jan Mayen Islands|SK Slovakia|SL Sierra Leone|SM San Marino|SN Senegal
SO Somalia|SS South Sudan|SV El Salvador|SX Sint Maarten|SY Syria|SZ Eswatini|TG Togo|TH Thailand|TJ Tajikistan
TL Timor-Leste|TM Turkmenistan|TN Tunisia|TO Tonga|TR Turkey|TT Trinidad and Tobago|TW Taiwan|TZ Tanzania|UA Ukraine
UG Uganda|US United States|UY Uruguay|UZ Uzbekistan|VA Vatican|VE Venezuela|VG British Virgin Islands
VI United States Virgin Islands|VN Vietnam|VU Vanuatu|WS Samoa|XK Kosovo|YE Yemen|ZA South Africa|ZM Zambia|ZW Zimbabwe
"""

# Manufacturers of FGVC Aircraft's variants. The dataset's images_manufacturer_test.txt is in the order of variants.txt, 33 or 34
# images a variant; these are its runs: a manufacturer, and how many variants it has there. Each pair was read.
AIRCRAFT_MANUFACTURERS = [
    ("Boeing", 21), ("Airbus", 13), ("ATR", 2), ("Antonov", 1), ("British Aerospace", 3), ("Beechcraft", 1),
    ("Boeing", 1), ("Lockheed Corporation", 1), ("Douglas Aircraft Company", 1), ("Canadair", 3), ("Cessna", 4),
    ("Canadair", 1), ("McDonnell Douglas", 1), ("Douglas Aircraft Company", 3), ("McDonnell Douglas", 1),
    ("de Havilland", 5), ("Robin", 1), ("Dornier", 1), ("Embraer", 7), ("Eurofighter", 1), ("Lockheed Martin", 1),
    ("McDonnell Douglas", 1), ("Dassault Aviation", 2), ("Fokker", 3), ("Bombardier Aerospace", 1),
    ("Gulfstream Aerospace", 2), ("British Aerospace", 1), ("Ilyushin", 1), ("Lockheed Corporation", 1),
    ("McDonnell Douglas", 4), ("Fairchild", 1), ("Beechcraft", 1), ("Piper", 1), ("Cirrus Aircraft", 1), ("Saab", 2),
    ("Supermarine", 1), ("Panavia", 1), ("Tupolev", 2), ("Yakovlev", 1),
]

# The paper's Figure 21, whose texts are in lower case; case does not reach the model.
FIGURE21_PCAM = {"0": "healthy lymph node tissue", "1": "lymph node tumor tissue"}
