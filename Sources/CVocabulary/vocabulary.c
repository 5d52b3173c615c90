#include "CVocabulary.h"

// C23's #embed, which clang takes in older modes as an extension.
#pragma clang diagnostic ignored "-Wc23-extensions"
static const unsigned char merges[] = {
#embed "bpe_simple_vocab_16e6.txt.gz"
};

const unsigned char *cv_openai_vocabulary(void) { return merges; }

size_t cv_openai_vocabulary_size(void) { return sizeof merges; }
