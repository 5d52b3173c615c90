#pragma once
#include "attention.h"
#include "nn.h"
#include "resize.h"
