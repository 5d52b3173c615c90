extension DatasetCatalog {
  /// Datasets of the paper that show objects.
  static let paperObjects: [DatasetSource] = [
    DatasetSource(
      "Food101", "https://data.vision.ee.ethz.ch/cvl/datasets_extra/food-101/",
      licence: "images of foodspotting.com; for research (fair use)",
      files: [
        .archive(
          "food-101.tar.gz", at: ["http://data.vision.ee.ethz.ch/cvl/food-101.tar.gz"],
          md5: "85eeb15f3717b99a5da872d97d918f87")
      ]
    ),
    DatasetSource(
      "Birdsnap", "https://thomasberg.org/",
      licence: "for research; images belong to their photographers",
      files: [
        .archive("birdsnap.tgz", at: ["http://thomasberg.org/datasets/birdsnap/1.1/birdsnap.tgz"])
      ],
      byHand:
        "The archive holds lists of addresses, not images, and its get_birdsnap.py fetches those that are still there (49,829 were listed, fewer than 40,000 are left). Put them into birdsnap/download/images/<Species>/.",
      notes: ["Copies differ in how many images are left: results say how many."]
    ),
    DatasetSource(
      "StanfordCars", "https://ai.stanford.edu/~jkrause/cars/car_dataset.html",
      licence: "for research, as ImageNet",
      files: [
        .archive(
          "cars_train.tgz", at: ["http://ai.stanford.edu/~jkrause/car196/cars_train.tgz"],
          bytes: 979_269_282,
          sha256: "512b227b30e2f0a8aab9e09485786ab4479582073a144998da74d64b801fd288",
          into: "stanford_cars"),
        .archive(
          "cars_test.tgz", at: ["http://ai.stanford.edu/~jkrause/car196/cars_test.tgz"],
          bytes: 977_350_468,
          sha256: "bffea656d6f425cba3c91c6d83336e4c5f86c6cffd8975b0f375d3a10da8e243",
          into: "stanford_cars"),
        .archive(
          "car_devkit.tgz", at: ["https://ai.stanford.edu/~jkrause/cars/car_devkit.tgz"],
          bytes: 330_960,
          sha256: "b97deb463af7d58b6bfaa18b2a4de9829f0f79e8ce663dfa9261bf7810e9accd",
          into: "stanford_cars"),
        .plain(
          "cars_test_annos_withlabels.mat",
          at: ["http://ai.stanford.edu/~jkrause/car196/cars_test_annos_withlabels.mat"],
          bytes: 185_758,
          sha256: "790f75be8ea34eeded134cc559332baf23e30e91367e9ddca97d26ed9b895f05",
          in: "stanford_cars"),
      ],
      notes: [
        "The site has not answered since 2023 (pytorch/vision issue 7545): name a mirror with --mirror, or put copies of the four files by hand."
      ]
    ),
    DatasetSource(
      "FGVCAircraft", "https://www.robots.ox.ac.uk/~vgg/data/fgvc-aircraft/",
      licence: "for research, not commercial",
      files: [
        .archive(
          "fgvc-aircraft-2013b.tar.gz",
          at: [
            "https://www.robots.ox.ac.uk/~vgg/data/fgvc-aircraft/archives/fgvc-aircraft-2013b.tar.gz"
          ])
      ],
      notes: ["No source states a hash of the archive that could be verified."]
    ),
    DatasetSource(
      "OxfordPets", "https://www.robots.ox.ac.uk/~vgg/data/pets/",
      licence: "CC BY-SA 4.0",
      files: [
        .archive(
          "images.tar.gz",
          at: [
            "https://www.robots.ox.ac.uk/~vgg/data/pets/data/images.tar.gz",
            "https://thor.robots.ox.ac.uk/pets/images.tar.gz",
          ], md5: "5c4f3ee8e5d25df40f4fd59a7f44e54c", into: "oxford-iiit-pet"),
        .archive(
          "annotations.tar.gz",
          at: [
            "https://www.robots.ox.ac.uk/~vgg/data/pets/data/annotations.tar.gz",
            "https://thor.robots.ox.ac.uk/pets/annotations.tar.gz",
          ], md5: "95a8c909bbe2e81eed6a22bccdf3f68f", into: "oxford-iiit-pet"),
      ]
    ),
    DatasetSource(
      "Caltech101", "https://data.caltech.edu/records/mzrjq-6wc02",
      licence: "CC BY 4.0",
      files: [
        .archive(
          "caltech-101.zip",
          at: ["https://data.caltech.edu/records/mzrjq-6wc02/files/caltech-101.zip"],
          inner: [
            .init(
              path: "caltech-101/101_ObjectCategories.tar.gz",
              sha256: "af6ece2f339791ca20f855943d8b55dd60892c0a25105fcd631ee3d6430f9926")
          ])
      ],
      notes: ["torchvision leaves BACKGROUND_Google out; CoOp also Faces_easy."]
    ),
    DatasetSource(
      "Flowers102", "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/",
      licence: "for research; no licence is stated",
      files: [
        .archive(
          "102flowers.tgz",
          at: ["https://www.robots.ox.ac.uk/~vgg/data/flowers/102/102flowers.tgz"],
          md5: "52808999861908f626f3c1f4e79d11fa", into: "flowers-102"),
        .plain(
          "imagelabels.mat",
          at: ["https://www.robots.ox.ac.uk/~vgg/data/flowers/102/imagelabels.mat"],
          md5: "e0620be6f572b9609742df49c70aed4d", in: "flowers-102"),
        .plain(
          "setid.mat", at: ["https://www.robots.ox.ac.uk/~vgg/data/flowers/102/setid.mat"],
          md5: "a5357ecc9cb78c4bef273ce3793fc85c", in: "flowers-102"),
      ]
    ),
    DatasetSource(
      "VOC2007", "http://host.robots.ox.ac.uk/pascal/VOC/voc2007/",
      licence: "images of flickr.com, under Flickr's terms",
      files: [
        .archive(
          "VOCtrainval_06-Nov-2007.tar",
          at: [
            "http://host.robots.ox.ac.uk/pascal/VOC/voc2007/VOCtrainval_06-Nov-2007.tar",
            "https://pjreddie.com/media/files/VOCtrainval_06-Nov-2007.tar",
          ], bytes: 460_032_000,
          sha256: "7d8cd951101b0957ddfd7a530bdc8a94f06121cfc1e511bb5937e973020c7508"),
        .archive(
          "VOCtest_06-Nov-2007.tar",
          at: [
            "http://host.robots.ox.ac.uk/pascal/VOC/voc2007/VOCtest_06-Nov-2007.tar",
            "https://pjreddie.com/media/files/VOCtest_06-Nov-2007.tar",
          ], sha256: "6836888e2e01dca84577a849d339fa4f73e1e4f135d312430c4856b5609b4892"),
      ]
    ),
    DatasetSource(
      "ImageNet", "https://image-net.org/challenges/LSVRC/2012/",
      licence: "for research and teaching, after registration",
      files: [
        .archive(
          "ILSVRC2012_img_val.tar", md5: "29b22e2961454d5413ddabcf34fc5622", into: "imagenet/val"),
        .archive(
          "ILSVRC2012_devkit_t12.tar.gz", md5: "fa75699e90414af021442c21a62c3abf", into: "imagenet"),
        .archive(
          "ILSVRC2012_img_train.tar", md5: "1d675b47d978889d74fa0da5fadfb00e",
          into: "imagenet/train"),
      ],
      byHand:
        "Register at image-net.org, accept the terms, and fetch ILSVRC2012_img_val.tar (6.3 GB) and ILSVRC2012_devkit_t12.tar.gz; ILSVRC2012_img_train.tar (138 GB) for experiments that train. Kaggle has the same images as imagenet-object-localization-challenge.",
      notes: [
        "A flat val folder needs the devkit beside it: its ground truth is in the order of ILSVRC ids, not of WordNet ids."
      ]
    ),
  ]
}
