#pragma once
#include "resize.h"
#include "nn.h"
