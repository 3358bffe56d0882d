// SPDX-License-Identifier: MIT
/*
 * The weights of a tape as one file, for other programs and for Python: params, and states such as
 * running statistics; not what optimisers remember, so that who records the network alone can load
 * it.
 *
 *     wg_weights_save(tape, "net.safetensors");
 *     wg_weights_load(tape, "net.safetensors");
 *     wg_weights_load(tape, "other.npz", .partial = true, .report = stderr);
 *
 * The path's ending says which format: .safetensors (formats/safetensors.h) or .npz
 * (formats/npz.h). In a file the slashes of a name are dots: "conv1/weight" is "conv1.weight", as in
 * PyTorch. So that two leaves never share a name, any byte but letters, digits, '_' and '-' becomes
 * %XX, its two hexadecimal digits (a dot %2E), as in formats/params.h.
 */
#ifndef WENGERT_FORMATS_WEIGHTS_H
#define WENGERT_FORMATS_WEIGHTS_H

#include "../graph/tape.h"
#include "named.h"

/* What is saved or loaded. Members left zero stand for the default. */
struct wg_weights {
    wg_tape    *tape;
    const char *path;
    bool        params_only; /* leave states out */
    bool        all;         /* states of the training, too (see wg_training_state) */
    bool        partial; /* loading: names that only the tape or only the file has are no error */
    FILE       *report;  /* loading: a line for each array that was not loaded, and the counts */
    /* Saving: texts of the program's own, which only safetensors have a place for; borrowed. */
    const wg_metadata *metadata;
    size_t             metadata_count;
};

WG_BEGIN_DECLS

/*
 * Writes the values of the tape's params and states, those of the training left out. The file is
 * replaced as a whole; a crash leaves the old one or the new one. False with the error on the tape,
 * also when one was there before: then nothing is written.
 */
WG_API bool wg_weights_save_with(struct wg_weights weights);
#ifndef __cplusplus
#define wg_weights_save(...)                                                                       \
    WG__CALL_BOOL(wg_weights_save_with((struct wg_weights){.tape = __VA_ARGS__}))
#endif

/*
 * Reads the values of the tape's params and states, which must be known to it by now. Each name is
 * looked for in the file; it is *missing* when it is not there, *unexpected* when the file alone has
 * it (with params_only the tape's states are neither), and *mismatched* when dtype or shape differ;
 * f16 and bf16 count as f32. "num_batches_tracked", which PyTorch's batch norms keep and the tape's
 * do not, is passed over. A mismatch is always an error, the other two unless `partial`. States of
 * the training (wg_training_state) are left as they are without `all`, whether the file has them or
 * not. False with the error on the tape; no leaf has changed then.
 */
WG_API bool wg_weights_load_with(struct wg_weights weights);
#ifndef __cplusplus
#define wg_weights_load(...)                                                                       \
    WG__CALL_BOOL(wg_weights_load_with((struct wg_weights){.tape = __VA_ARGS__}))
#endif

WG_END_DECLS

/* ---- private to the library ---- */

/* wg_weights_load_with what was read from the path. */
bool wg__weights_take(const struct wg_weights *weights, const wg_named_arrays *set);

#endif
