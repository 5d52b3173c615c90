#pragma once
#include "nn.h"
#include "resize.h"
