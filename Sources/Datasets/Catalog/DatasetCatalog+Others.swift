extension DatasetCatalog {
  /// Text in images, captions, composition, faces, domains.
  static let others: [DatasetSource] = [
    DatasetSource(
      "SVHN", "http://ufldl.stanford.edu/housenumbers/",
      licence: "for research, not commercial",
      files: [
        .plain(
          "test_32x32.mat", at: ["http://ufldl.stanford.edu/housenumbers/test_32x32.mat"],
          md5: "eb5a983be6a315427106f1b164d9cef3", in: "svhn"),
        .plain(
          "train_32x32.mat", at: ["http://ufldl.stanford.edu/housenumbers/train_32x32.mat"],
          md5: "e26dedcc434d2e4c54c9b2d4a06d8373", in: "svhn"),
        .plain(
          "extra_32x32.mat", at: ["http://ufldl.stanford.edu/housenumbers/extra_32x32.mat"],
          md5: "a93ce644f1a588dc4d68dda5feec44a7", in: "svhn"),
      ]
    ),
    DatasetSource(
      "IIIT5K", "https://cvit.iiit.ac.in/research/projects/cvit-projects/the-iiit-5k-word-dataset",
      licence: "for research",
      files: [
        .archive(
          "IIIT5K-Word_V3.0.tar.gz",
          at: ["https://cvit.iiit.ac.in/projects/SceneTextUnderstanding/IIIT5K-Word_V3.0.tar.gz"],
          sha256: "7872c9efbec457eb23f3368855e7738f72ce10927f52a382deb4966ca0ffa38e")
      ]
    ),
    DatasetSource(
      "COCOCaptions", "https://cocodataset.org/",
      licence: "annotations CC BY 4.0; images of flickr.com",
      files: [
        .archive(
          "caption_datasets.zip",
          at: ["https://cs.stanford.edu/people/karpathy/deepimagesent/caption_datasets.zip"],
          bytes: 36_745_453,
          sha256: "4cfd70132527b80933105e5829dc9034eaab9573482e2e680abbab6130244817", into: "coco"),
        .archive(
          "val2014.zip", at: ["http://images.cocodataset.org/zips/val2014.zip"],
          bytes: 6_645_013_297,
          sha256: "fe9be816052049c34717e077d9e34aa60814a55679f804cd043e3cbee3b9fde0", into: "coco"),
      ],
      notes: [
        "The splits val and test are Karpathy's, of val2014; train also needs train2014.zip (13.5 GB, http://images.cocodataset.org/zips/train2014.zip)."
      ]
    ),
    DatasetSource(
      "Flickr30k", "https://shannon.cs.illinois.edu/DenotationGraph/",
      licence: "images of flickr.com; after a form",
      files: [
        .archive(
          "caption_datasets.zip",
          at: ["https://cs.stanford.edu/people/karpathy/deepimagesent/caption_datasets.zip"],
          bytes: 36_745_453,
          sha256: "4cfd70132527b80933105e5829dc9034eaab9573482e2e680abbab6130244817",
          into: "flickr30k")
      ],
      byHand:
        "Ask for the images by the form on the home page, and put them into flickr30k/flickr30k-images/."
    ),
    DatasetSource(
      "SugarCrepe", "https://github.com/RAIVNLab/sugar-crepe",
      licence: "MIT; images as COCO",
      files: [
        .plain(
          "add_att.json",
          at: ["https://raw.githubusercontent.com/RAIVNLab/sugar-crepe/main/data/add_att.json"],
          in: "sugar-crepe"),
        .plain(
          "add_obj.json",
          at: ["https://raw.githubusercontent.com/RAIVNLab/sugar-crepe/main/data/add_obj.json"],
          in: "sugar-crepe"),
        .plain(
          "replace_att.json",
          at: ["https://raw.githubusercontent.com/RAIVNLab/sugar-crepe/main/data/replace_att.json"],
          in: "sugar-crepe"),
        .plain(
          "replace_obj.json",
          at: ["https://raw.githubusercontent.com/RAIVNLab/sugar-crepe/main/data/replace_obj.json"],
          in: "sugar-crepe"),
        .plain(
          "replace_rel.json",
          at: ["https://raw.githubusercontent.com/RAIVNLab/sugar-crepe/main/data/replace_rel.json"],
          in: "sugar-crepe"),
        .plain(
          "swap_att.json",
          at: ["https://raw.githubusercontent.com/RAIVNLab/sugar-crepe/main/data/swap_att.json"],
          in: "sugar-crepe"),
        .plain(
          "swap_obj.json",
          at: ["https://raw.githubusercontent.com/RAIVNLab/sugar-crepe/main/data/swap_obj.json"],
          in: "sugar-crepe"),
        .archive(
          "val2017.zip", at: ["http://images.cocodataset.org/zips/val2017.zip"], bytes: 815_585_330,
          sha256: "4f7e2ccb2866ec5041993c9cf2a952bbed69647b115d0f74da7ce8f4bef82f05", into: "coco"),
      ]
    ),
    DatasetSource(
      "Winoground", "https://huggingface.co/datasets/facebook/winoground",
      licence: "of Meta, for evaluation only, after registration",
      byHand:
        "Accept the terms on the Hugging Face page, and fetch data/test-00000-of-00001.parquet with your account into winoground/."
    ),
    DatasetSource(
      "FairFace", "https://github.com/joojs/fairface",
      licence: "CC BY 4.0",
      byHand:
        "The page links to Google Drive: fetch the images (padding 0.25 or 1.25), fairface_label_train.csv and fairface_label_val.csv into fairface/."
    ),
    DatasetSource(
      "UTKFace", "https://susanqq.github.io/UTKFace/",
      licence: "for research, not commercial",
      byHand:
        "The page links to Google Drive: fetch UTKFace.tar.gz (aligned and cropped faces) and unpack it so that UTKFace/ lies below the data folder.",
      notes: ["Names of a few files lack a field."]
    ),
    DatasetSource(
      "PACS", "https://domaingeneralization.github.io/",
      licence: "for research",
      byHand: "The page links to Google Drive; put the domains as PACS/<domain>/<class>/."
    ),
  ]
}
