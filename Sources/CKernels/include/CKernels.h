#pragma once
#include "attention.h"
#include "nn.h"
#include "overlap.h"
#include "probe.h"
#include "resize.h"
