// SPDX-License-Identifier: MIT
/*
 * The room's one header: layers, first values, updates that train. Layers are functions; see layer.h
 * for how they name their params and how to write one.
 */
#ifndef WENGERT_NN_NN_H
#define WENGERT_NN_NN_H

#include "accumulate.h"
#include "adam.h"
#include "adaptive.h"
#include "attention.h"
#include "average.h"
#include "block.h"
#include "clip.h"
#include "conv.h"
#include "groups.h"
#include "guard.h"
#include "init.h"
#include "layer.h"
#include "linear.h"
#include "norm.h"
#include "optimiser.h"
#include "pool.h"
#include "recurrent.h"

#endif
